// Original file: proto/quorate/resource/v1/resource.proto


export interface GetResourceRequest {
  'namespace'?: (string);
  'name'?: (string);
  'version'?: (string);
}

export interface GetResourceRequest__Output {
  'namespace': (string);
  'name': (string);
  'version': (string);
}
