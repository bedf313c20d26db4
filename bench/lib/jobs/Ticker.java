import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** The same job as ticker.mjs, as a jar: says every 10 ms that it runs. */
public final class Ticker {
  private static final long TICK_NANOS = 10_000_000L;

  public static void main(String[] args) throws Exception {
    String[] address = System.getenv("TICK_ADDRESS").split(":");
    String head = System.getenv("QUORATE_JOB_ID") + " " + System.getenv("QUORATE_JOB_EPOCH") + " "
        + System.getenv("QUORATE_SERVER_ID") + " " + ProcessHandle.current().pid() + " ";
    System.out.println("ticking on " + System.getenv("QUORATE_SERVER_ID") + " under epoch "
        + System.getenv("QUORATE_JOB_EPOCH"));
    try (Socket socket = new Socket(address[0], Integer.parseInt(address[1]))) {
      socket.setTcpNoDelay(true);
      OutputStream out = socket.getOutputStream();
      // On Linux System.nanoTime is CLOCK_MONOTONIC, as process.hrtime is, so both kinds of ticks compare.
      for (long due = System.nanoTime(); ; due += TICK_NANOS) {
        out.write((head + System.nanoTime() + "\n").getBytes(StandardCharsets.US_ASCII));
        long waitNanos = due + TICK_NANOS - System.nanoTime();
        if (waitNanos > 0) Thread.sleep(waitNanos / 1_000_000L, (int) (waitNanos % 1_000_000L));
      }
    }
  }
}
