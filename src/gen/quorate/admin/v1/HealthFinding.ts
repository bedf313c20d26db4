// Original file: proto/quorate/admin/v1/admin.proto


export interface HealthFinding {
  'severity'?: (string);
  'code'?: (string);
  'what'?: (string);
  'doThis'?: (string);
}

export interface HealthFinding__Output {
  'severity': (string);
  'code': (string);
  'what': (string);
  'doThis': (string);
}
