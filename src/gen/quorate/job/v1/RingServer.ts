// Original file: proto/quorate/job/v1/job.proto


export interface RingServer {
  'serverId'?: (string);
  'capacity'?: (number);
  'eligible'?: (boolean);
  'load'?: (number);
  'quota'?: (number);
  'ringSharePpm'?: (number);
}

export interface RingServer__Output {
  'serverId': (string);
  'capacity': (number);
  'eligible': (boolean);
  'load': (number);
  'quota': (number);
  'ringSharePpm': (number);
}
