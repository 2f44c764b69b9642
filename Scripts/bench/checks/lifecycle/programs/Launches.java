import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** How Java starts processes: java Launches.java; the mechanism is -Djdk.lang.Process.launchMechanism's. */
class Launches {
    public static void main(String[] arguments) throws Exception {
        new ProcessBuilder("/bin/true").start().waitFor();
        Runtime.getRuntime().exec(new String[] {"/bin/sh", "-c", "/bin/true; exit 3"}).waitFor();
        new ProcessBuilder("true").directory(new java.io.File("/")).redirectErrorStream(true).start().waitFor();
        try {
            new ProcessBuilder("/nonexistent/program").start();
        } catch (IOException expected) {
            System.out.println("no such program");
        }
        Process killed = new ProcessBuilder("/bin/sleep", "60").start();
        killed.waitFor(20, TimeUnit.MILLISECONDS);
        killed.destroyForcibly().waitFor();
        for (Process process : ProcessBuilder.startPipeline(
                java.util.List.of(new ProcessBuilder("/bin/echo", "a"), new ProcessBuilder("/bin/cat"))))
            process.waitFor();
        Thread[] threads = new Thread[4];
        for (int i = 0; i < threads.length; i++) {
            threads[i] = new Thread(() -> {
                try {
                    new ProcessBuilder("/bin/true").start().waitFor();
                } catch (IOException | InterruptedException failure) {
                    throw new RuntimeException(failure);
                }
            });
            threads[i].start();
        }
        for (Thread thread : threads) thread.join();
    }
}
