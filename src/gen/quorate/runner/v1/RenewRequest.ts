// Original file: proto/quorate/runner/v1/runner.proto


export interface RenewRequest {
  'body'?: (Buffer | Uint8Array | string);
  'signature'?: (string);
}

export interface RenewRequest__Output {
  'body': (Buffer);
  'signature': (string);
}
