package dev.secretsengine.launcher.docker;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What a container engine says of its containers: of every one that it lists, or it counts as no answer. */
public final class Inspection {

    /** So many IDs go into one command line. */
    private static final int BATCH = 200;

    private final Program engine;
    private final Duration patience;
    private final List<String> fields;
    private final List<List<String>> rows = new ArrayList<>();
    private String complaint;

    private Inspection(Program engine, Duration patience, List<String> fields) {
        this.engine = engine;
        this.patience = patience;
        this.fields = fields;
        complaint = engine.file().getFileName() + " does not tell all of its containers";
    }

    /**
     * A row for each container, those that do not run included, the newest first.
     *
     * @param engine docker or podman
     * @param fields templates, of which the first gives the full ID
     * @throws IOException if it does not answer for every container in time; the message is its complaint
     */
    public static List<List<String>> rows(Program engine, Duration patience, List<String> fields) throws IOException {
        Inspection inspection = new Inspection(engine, patience, fields);
        Set<String> open = inspection.listed();
        inspection.ask(List.copyOf(open));
        inspection.rows.forEach(row -> open.remove(row.get(0)));
        if (!open.isEmpty()) {
            // One that has gone meanwhile makes the command fail after it has printed the others.
            open.retainAll(inspection.listed());
        }
        if (!open.isEmpty()) {
            throw new IOException(inspection.complaint);
        }
        return inspection.rows;
    }

    private Set<String> listed() throws IOException {
        Program.Result result = engine.run(patience, "ps", "--all", "--quiet", "--no-trunc");
        if (!result.isGood()) {
            throw new IOException(result.complaint());
        }
        return new LinkedHashSet<>(result.text().lines().toList());
    }

    private void ask(List<String> ids) throws IOException {
        for (int at = 0; at < ids.size(); at += BATCH) {
            List<String> line = new ArrayList<>(
                    List.of("container", "inspect", "--format", String.join("\t", fields)));
            line.addAll(ids.subList(at, Math.min(ids.size(), at + BATCH)));
            Program.Result result = engine.run(patience, new byte[0], line);
            if (!result.isGood()) {
                complaint = result.complaint();
            }
            result.text().lines().map(row -> List.of(row.split("\t", fields.size())))
                    .filter(row -> row.size() == fields.size()).forEach(rows::add);
        }
    }
}
