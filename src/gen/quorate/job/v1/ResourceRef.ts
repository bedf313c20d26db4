// Original file: proto/quorate/job/v1/job.proto


export interface ResourceRef {
  'namespace'?: (string);
  'name'?: (string);
  'version'?: (string);
  'digest'?: (string);
}

export interface ResourceRef__Output {
  'namespace': (string);
  'name': (string);
  'version': (string);
  'digest': (string);
}
