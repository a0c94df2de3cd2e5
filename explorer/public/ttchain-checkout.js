// For any shop's page: <script src="https://gateway.example/ttchain-checkout.js"></script> and a link or button with
// data-ttchain-invoice="inv_…". A click opens the gateway's checkout page; when the invoice is paid, the element tells
// "ttchain:paid" with the invoice as its buyer sees it. What the shop's server believes is the webhook, never this.
(() => {
  const gateway = new URL(document.currentScript.src).origin;
  const RETRY_MS = 2000;

  async function watch(id, version) {
    try {
      const query = version === undefined ? "" : `?version=${version}&wait=20000`;
      const answer = await fetch(`${gateway}/v1/merchant/checkout/${encodeURIComponent(id)}${query}`);
      if (answer.ok) {
        return await answer.json();
      }
    } catch {
      // The shop's page asks again.
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    return undefined;
  }

  /** Resolves with the invoice when it is paid, or when it can't be any more. */
  async function settled(id) {
    for (let version; ; ) {
      const invoice = await watch(id, version);
      version = invoice?.version ?? version;
      if (invoice !== undefined && (invoice.state === "paid" || invoice.state === "overpaid" || !invoice.payable)) {
        return invoice;
      }
    }
  }

  function open(id) {
    window.open(`${gateway}/checkout/${encodeURIComponent(id)}`, "_blank", "noopener");
    return settled(id);
  }

  document.addEventListener("click", (event) => {
    const element = event.target instanceof Element ? event.target.closest("[data-ttchain-invoice]") : null;
    if (element !== null) {
      event.preventDefault();
      void open(element.getAttribute("data-ttchain-invoice")).then((invoice) => {
        const name = invoice.state === "paid" || invoice.state === "overpaid" ? "ttchain:paid" : "ttchain:ended";
        element.dispatchEvent(new CustomEvent(name, { bubbles: true, detail: invoice }));
      });
    }
  });

  window.TTChainCheckout = { open, settled };
})();
