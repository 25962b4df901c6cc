package dev.secretsengine.launcher.docker;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The docker client of a user, asked for what its daemon knows. */
public final class DockerCli {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** A start waits for whoever has to unlock a store. */
    private static final Duration START_PATIENCE = Duration.ofSeconds(130);

    private static final String INFO = "{{.DefaultRuntime}}{{range $name, $runtime := .Runtimes}}\t{{$name}}{{end}}";
    private static final List<String> FACTS = List.of("{{.Id}}", "{{.Name}}", "{{.HostConfig.Runtime}}",
            "{{.State.Running}}", "{{.HostConfig.RestartPolicy.Name}}", "{{json .State.Error}}");

    private final Program docker;

    /** Asks by this program. */
    public DockerCli(Program docker) {
        this.docker = docker;
    }

    /** The docker client on the PATH of an environment, which also says where its daemon is. */
    public static Optional<DockerCli> find(Map<String, String> environment) {
        return Program.onPath("docker", environment).map(DockerCli::new);
    }

    /**
     * What a daemon runs containers by.
     *
     * @param defaultRuntime for those that name none
     * @param names all runtimes
     */
    public record Runtimes(String defaultRuntime, Set<String> names) {
    }

    /**
     * A container.
     *
     * @param id its full ID
     * @param name without a slash
     * @param runtime the runtime that it recorded
     * @param running whether it runs
     * @param restartPolicy {@code no}, {@code always} and so on
     * @param error why its last start failed, as JSON text
     */
    public record Container(String id, String name, String runtime, boolean running, String restartPolicy,
            String error) {
    }

    /**
     * The runtimes of the daemon.
     *
     * @throws IOException if the daemon does not answer; the message is the client's complaint
     */
    public Runtimes runtimes() throws IOException {
        List<String> fields = List.of(ask("info", "--format", INFO).split("\t"));
        return new Runtimes(fields.get(0), Set.copyOf(fields.subList(1, fields.size())));
    }

    /**
     * All containers, those that do not run included, the newest first.
     *
     * @throws IOException if the daemon does not answer for every one; the message is the client's complaint
     */
    public List<Container> containers() throws IOException {
        return Inspection.rows(docker, PATIENCE, FACTS).stream()
                .map(row -> new Container(row.get(0), row.get(1).replaceFirst("^/", ""), row.get(2),
                        row.get(3).equals("true"), row.get(4), row.get(5)))
                .toList();
    }

    /** Starts a container; its complaint is empty if that went well. */
    public String start(Container container) throws IOException {
        Program.Result result = docker.run(START_PATIENCE, "start", container.id());
        return result.isGood() ? "" : result.complaint();
    }

    /**
     * The address of its daemon, as {@code DOCKER_HOST} has it.
     *
     * @throws IOException if the client does not know; the message is its complaint
     */
    public String endpoint() throws IOException {
        return ask("context", "inspect", "--format", "{{.Endpoints.docker.Host}}");
    }

    /** The images that are there, as {@code NAME:TAG}. */
    public List<String> images() throws IOException {
        return ask("image", "ls", "--format", "{{.Repository}}:{{.Tag}}").lines().toList();
    }

    /** Runs a container that is removed when it ends, without a network. */
    public Program.Result runOnce(String runtime, String variable, String image, List<String> command)
            throws IOException {
        List<String> line = new ArrayList<>(
                List.of("run", "--rm", "--network", "none", "--runtime", runtime, "--env", variable, image));
        line.addAll(command);
        return docker.run(START_PATIENCE, new byte[0], line);
    }

    private String ask(String... arguments) throws IOException {
        Program.Result result = docker.run(PATIENCE, arguments);
        if (!result.isGood()) {
            throw new IOException(result.complaint());
        }
        return result.text();
    }
}
