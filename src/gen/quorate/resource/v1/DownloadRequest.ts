// Original file: proto/quorate/resource/v1/resource.proto


export interface DownloadRequest {
  'namespace'?: (string);
  'name'?: (string);
  'version'?: (string);
}

export interface DownloadRequest__Output {
  'namespace': (string);
  'name': (string);
  'version': (string);
}
