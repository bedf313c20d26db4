// Exit status 0 if this container's server answers the path: /livez = it runs, /readyz = it is a member of a
// cluster with a leader and has caught up.
const [, , path = "/livez"] = process.argv;
const { QUORATE_HTTP_PORT: port = "7470" } = process.env;
const timeoutMs = 3000;

const answers = fetch(`http://127.0.0.1:${port}${path}`, {
  signal: AbortSignal.timeout(timeoutMs),
});
process.exitCode = await answers.then(
  ({ ok }) => (ok ? 0 : 1),
  (error) => {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  },
);
