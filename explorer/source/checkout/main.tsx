// Starts the checkout page, which needs a gateway and no node.

import "../styles.css";
import "../theme.js";
import { render } from "preact";
import { CheckoutPage } from "./checkoutPage.js";

const id = decodeURIComponent(location.pathname.split("/")[2] ?? "");

render(<CheckoutPage id={id} />, document.getElementById("app") as HTMLElement);
