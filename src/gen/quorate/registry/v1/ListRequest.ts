// Original file: proto/quorate/registry/v1/registry.proto


export interface ListRequest {
  'prefix'?: (string);
  'stale'?: (boolean);
  'limit'?: (number);
  'after'?: (string);
}

export interface ListRequest__Output {
  'prefix': (string);
  'stale': (boolean);
  'limit': (number);
  'after': (string);
}
