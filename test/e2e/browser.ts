/** The signer's browser is the demo's: what a person is shown and what is tested are the same phone. */
export { launchBrowser, phonePage } from "../../cli/demo/phone-browser.ts";
