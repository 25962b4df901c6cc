package dev.secretsengine.onepassword;

import dev.secretsengine.api.contract.Situation;

/** The user's own account. */
class CliContractTest extends OpContract {

    @Override
    Given given() {
        return Given.cli();
    }

    /** Its credentials are the user's word, given in a prompt. */
    @Override
    protected Situation wrongCredentials() throws Exception {
        op().failing("error initializing client: authorization prompt dismissed, please try again");
        return Situation.of(made(), "work-eu/api-key").endedBy(() -> op().well());
    }
}
