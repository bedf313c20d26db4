/** The input is not what its format says. The room that decodes turns it into its own coded error. */
export class DecodeError extends Error {
  override readonly name = "DecodeError";
}
