module dev.secretsengine/gobcheck

go 1.18
