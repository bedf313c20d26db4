// Original file: proto/quorate/runner/v1/runner.proto


export interface RegisterRequest {
  'serverId'?: (string);
  'incarnation'?: (string);
  'leaseMs'?: (number);
  'key'?: (Buffer | Uint8Array | string);
  'capacity'?: (number);
}

export interface RegisterRequest__Output {
  'serverId': (string);
  'incarnation': (string);
  'leaseMs': (number);
  'key': (Buffer);
  'capacity': (number);
}
