// Original file: proto/quorate/resource/v1/resource.proto


export interface DeleteVersionRequest {
  'namespace'?: (string);
  'name'?: (string);
  'version'?: (number);
}

export interface DeleteVersionRequest__Output {
  'namespace': (string);
  'name': (string);
  'version': (number);
}
