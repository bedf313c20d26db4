// Original file: proto/quorate/raft/v1/raft.proto


export interface ErrorField {
  'name'?: (string);
  'text'?: (string);
  'number'?: (number | string);
  'flag'?: (boolean);
  'value'?: "text"|"number"|"flag";
}

export interface ErrorField__Output {
  'name': (string);
  'text'?: (string);
  'number'?: (number);
  'flag'?: (boolean);
  'value'?: "text"|"number"|"flag";
}
