// What stands beside the code, and what is offered while it is typed: the cases take the pictures.
export { tests } from "../cases/lens.mjs";
