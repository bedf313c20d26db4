// How gRPC channels between servers are set up. Each option answers a known way to lose an election or a machine.
import { type ChannelOptions, Client, credentials, ServerCredentials } from "@grpc/grpc-js";
import {
  flowControlWindowBytes,
  grpcMessageBytesMax,
  keepaliveMs,
  keepaliveTimeoutMs,
  reconnectMaxMs,
  reconnectMinMs,
  retryBufferBytes,
} from "../limits.ts";

/** PEM. Both sides prove themselves: a peer without a certificate of this authority cannot connect. */
export interface TransportTls {
  readonly authority: Uint8Array;
  readonly certificate: Uint8Array;
  readonly key: Uint8Array;
}

/** For both sides. The default receive limit of 4 MiB would stop replication at the first larger message. */
const sharedOptions: ChannelOptions = {
  "grpc.max_receive_message_length": grpcMessageBytesMax,
  "grpc.max_send_message_length": grpcMessageBytesMax,
  "grpc.keepalive_time_ms": keepaliveMs,
  "grpc.keepalive_timeout_ms": keepaliveTimeoutMs,
  "grpc.keepalive_permit_without_calls": 1,
  "grpc.enable_channelz": 0,
};

/** Nothing but this bounds how many calls a connection may have open. */
export function serverOptions(streamsPerConnectionMax: number): ChannelOptions {
  return { ...sharedOptions, "grpc.max_concurrent_streams": streamsPerConnectionMax };
}

const clientOptions: ChannelOptions = {
  ...sharedOptions,
  // http_proxy in the environment would catch even loopback traffic.
  "grpc.enable_http_proxy": 0,
  // A replaced client must not find the stuck connection of its predecessor in a shared pool.
  "grpc.use_local_subchannel_pool": 1,
  "grpc.service_config_disable_resolution": 1,
  "grpc.initial_reconnect_backoff_ms": reconnectMinMs,
  "grpc.max_reconnect_backoff_ms": reconnectMaxMs,
  "grpc.enable_retries": 0,
  "grpc.per_rpc_retry_buffer_size": retryBufferBytes,
  "grpc-node.flow_control_window": flowControlWindowBytes,
};

export function newClient(address: string, tls: TransportTls | undefined): Client {
  const secrets =
    tls === undefined
      ? credentials.createInsecure()
      : credentials.createSsl(
          Buffer.from(tls.authority),
          Buffer.from(tls.key),
          Buffer.from(tls.certificate),
        );
  return new Client(address, secrets, clientOptions);
}

export function doorCredentials(tls: TransportTls | undefined): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  const pair = { private_key: Buffer.from(tls.key), cert_chain: Buffer.from(tls.certificate) };
  return ServerCredentials.createSsl(Buffer.from(tls.authority), [pair], true);
}
