package dev.secretsengine.launcher.host;

import dev.secretsengine.api.SecretsProvider;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRevision;

/** The version of the api that bundles find in this engine. */
final class ApiVersion {

    static final String PACKAGE = SecretsProvider.class.getPackageName();

    private ApiVersion() {
    }

    /** As the engine's own bundle exports it. */
    static String of(BundleContext framework) {
        for (Bundle bundle : framework.getBundles()) {
            BundleRevision revision = bundle.adapt(BundleRevision.class);
            if (revision == null || !bundle.getLocation().startsWith(BuiltIns.SCHEME)) {
                continue;
            }
            for (BundleCapability exported : revision.getDeclaredCapabilities(PackageNamespace.PACKAGE_NAMESPACE)) {
                if (PACKAGE.equals(exported.getAttributes().get(PackageNamespace.PACKAGE_NAMESPACE))) {
                    return String.valueOf(exported.getAttributes().get("version"));
                }
            }
        }
        return "none";
    }
}
