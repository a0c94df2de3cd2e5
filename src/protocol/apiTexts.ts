// How the API writes bytes, amounts and addresses.

/** Lower-case. */
export type Hex = string;
/** Units of a token's smallest part, in decimal. */
export type AmountText = string;
/** ttc1… */
export type AddressText = string;
