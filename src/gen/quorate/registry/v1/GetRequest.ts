// Original file: proto/quorate/registry/v1/registry.proto


export interface GetRequest {
  'key'?: (string);
  'stale'?: (boolean);
}

export interface GetRequest__Output {
  'key': (string);
  'stale': (boolean);
}
