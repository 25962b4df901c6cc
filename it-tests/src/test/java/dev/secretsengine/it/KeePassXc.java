package dev.secretsengine.it;

import java.io.IOException;

/**
 * KeePassXC with one database, passwords, whose password is pw, in a session of its own that has a screen. It asks before a
 * program reads an item. Closing it ends the session.
 */
final class KeePassXc implements AutoCloseable {

    private static final String SETTINGS = """
            [General]
            ConfigVersion=2
            UpdateCheckMessageShown=true
            [GUI]
            CheckForUpdates=false
            [FdoSecrets]
            Enabled=true
            ShowNotification=false
            ConfirmDeleteItem=false
            ConfirmAccessItem=true
            UnlockBeforeSearch=true
            [Security]
            LockDatabaseIdle=false
            """;

    private final KeyringSession session;

    private KeePassXc(KeyringSession session) throws Exception {
        Tools.require("keepassxc", "keepassxc-cli");
        this.session = session;
        try {
            session.sh("umask 077\nmkdir -p .config/keepassxc\ncat >.config/keepassxc/keepassxc.ini <<'E'\n" + SETTINGS
                    + "E\nprintf 'pw\\npw\\n' >password\n"
                    + "keepassxc-cli import -q -p /run/keyrings/passwords.xml passwords.kdbx <password >logs/import 2>&1");
            session.daemon("keepassxc", "keepassxc --pw-stdin passwords.kdbx <password");
            session.keyring("await-unlocked", "passwords");
        } catch (Exception | AssertionError e) {
            close();
            throw e;
        }
    }

    /** With the database open. */
    static KeePassXc opened() throws Exception {
        return new KeePassXc(KeyringSession.withScreen());
    }

    KeyringSession session() {
        return session;
    }

    /** As by its menu. */
    void lock() throws IOException {
        session.sh("dbus-send --session --print-reply --dest=org.keepassxc.KeePassXC.MainWindow /keepassxc"
                + " org.keepassxc.KeePassXC.MainWindow.lockAllDatabases >/dev/null").ok();
        session.keyring("await-locked", "passwords");
    }

    @Override
    public void close() throws IOException {
        session.close();
    }
}
