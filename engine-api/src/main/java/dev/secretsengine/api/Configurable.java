package dev.secretsengine.api;

import java.util.List;
import java.util.Optional;

/** A provider with settings. The engine hands them over when the provider's service appears, before the
 * first lookup; what changes later is seen when the plugin is started again. */
public interface Configurable {

    /** The settings this plugin knows, in the order they are shown. */
    List<Setting> settings();

    /**
     * Takes the configuration over. The provider may change the properties of its service now, its pattern for one.
     *
     * @throws SecretsException.Invalid if a value makes no sense; the plugin is shown as crashed with that reason
     */
    void configure(Values values) throws SecretsException;

    /**
     * Asks the backend whether it takes these values: its token is good, its address answers. {@code plugins NAME setup}
     * calls this before it keeps anything.
     *
     * @param values what is about to be configured
     * @throws SecretsException.Denied if the backend refuses a secret
     * @throws SecretsException if the values make no sense, or the backend cannot be asked
     */
    default void check(Values values, RequestContext context) throws SecretsException {
    }

    /** The configured values of one plugin. */
    interface Values {

        /**
         * The value of a setting that is not secret: configured, else its default.
         *
         * @throws SecretsException.Invalid if the configuration file does not parse
         */
        String text(String setting) throws SecretsException;

        /**
         * The value of a secret setting, if there is one; the caller closes it.
         *
         * @throws SecretsException if the local store cannot be read
         */
        Optional<SecretValue> secret(String setting) throws SecretsException;
    }
}
