package dev.secretsengine.onepassword;

import dev.secretsengine.api.contract.Situation;

/** A service account's token. */
class SdkContractTest extends OpContract {

    @Override
    Given given() {
        return Given.sdk();
    }

    @Override
    protected Situation wrongCredentials() throws Exception {
        op().failing("error initializing client: Validation: (failed to session.DecodeSACredentials), Server: (x)");
        return Situation.of(made(), "work-eu/api-key").endedBy(() -> op().well());
    }
}
