package dev.secretsengine.it;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may depend on whom. */
class ArchitectureTest {

    private static final String OURS = "dev.secretsengine.";
    private static final String API = OURS + "api..";
    private static final String CORE = OURS + "core..";
    private static final String LAUNCHER = OURS + "launcher..";
    private static final String CLIENT = OURS + "client..";
    private static final String KIT = OURS + "kit..";

    private static JavaClasses all;

    @BeforeAll
    static void readModules() {
        all = new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests())
                .withImportOption(location -> !location.contains("/it/")).importPackages("dev.secretsengine");
        for (String module : List.of("api", "client", "core", "kit", "age", "keychain", "dockerauth", "onepassword",
                "launcher")) {
            assertTrue(all.stream().anyMatch(type -> type.getPackageName().startsWith(OURS + module)), module);
        }
    }

    /** Any bundle, those that are still to come included. */
    private static DescribedPredicate<JavaClass> bundles() {
        return resideInAPackage(OURS + "(*)..")
                .and(DescribedPredicate.not(resideInAnyPackage(API, CORE, LAUNCHER, CLIENT, KIT))).as("bundles");
    }

    @Test
    void onlyActivatorsAndTheHostKnowOsgi() {
        noClasses().that().resideOutsideOfPackage(OURS + "launcher.host..").and()
                .haveSimpleNameNotEndingWith("Activator")
                .and(describe("are not nested in an activator", type -> !type.getName().contains("Activator$")))
                .should().dependOnClassesThat().resideInAPackage("org.osgi..").check(all);
    }

    @Test
    void apiDependsOnTheJdkOnly() {
        classes().that().resideInAPackage(API).should().onlyDependOnClassesThat()
                .resideInAnyPackage(API, "java..", "org.jspecify..").check(all);
    }

    /** What bundles share is embedded into each of them: it must bring nothing along. */
    @Test
    void kitDependsOnTheApiOnly() {
        classes().that().resideInAPackage(KIT).should().onlyDependOnClassesThat()
                .resideInAnyPackage(KIT, API, "java..", "javax.net.ssl..", "org.jspecify..").check(all);
    }

    @Test
    void onlyBundlesKnowTheKit() {
        noClasses().that().resideInAnyPackage(API, CORE, LAUNCHER, CLIENT).should().dependOnClassesThat()
                .resideInAPackage(KIT).check(all);
    }

    @Test
    void clientDependsOnTheJdkOnly() {
        classes().that().resideInAPackage(CLIENT).should().onlyDependOnClassesThat()
                .resideInAnyPackage(CLIENT, "java..", "org.jspecify..").check(all);
    }

    @Test
    void bundlesDependOnTheApiOnly() {
        noClasses().that(bundles()).should().dependOnClassesThat(resideInAnyPackage(CORE, LAUNCHER, CLIENT)).check(all);
        slices().assignedFrom(new ByModule()).should().notDependOnEachOther().check(all);
    }

    /** Each bundle is a slice; what they all share is in none. */
    private static final class ByModule implements SliceAssignment {

        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            return bundles().test(type)
                    ? SliceIdentifier.of(type.getPackageName().substring(OURS.length()).split("\\.")[0])
                    : SliceIdentifier.ignore();
        }

        @Override
        public String getDescription() {
            return "bundles";
        }
    }

    @Test
    void coreKnowsNeitherLauncherNorBundles() {
        noClasses().that().resideInAPackage(CORE).should()
                .dependOnClassesThat(resideInAPackage(LAUNCHER).or(bundles())).check(all);
    }

    @Test
    void launcherKnowsNoBundle() {
        noClasses().that().resideInAPackage(LAUNCHER).should().dependOnClassesThat(bundles()).check(all);
    }

    @Test
    void clientStaysSmall() {
        noClasses().that().resideInAPackage(OURS + "launcher.client..").should().dependOnClassesThat()
                .resideInAnyPackage("picocli..", "org.apache.felix..", "org.osgi..", "com.fasterxml..",
                        OURS + "launcher.host..", OURS + "launcher.command..", OURS + "launcher.format..")
                .check(all);
    }

    /** The client does it, without what the engine is made of. */
    @Test
    void setupNeedsNoEngine() {
        noClasses().that().resideInAnyPackage(OURS + "launcher.setup..", OURS + "launcher.docker..").should()
                .dependOnClassesThat().resideInAnyPackage("picocli..", "org.apache.felix..", "org.osgi..",
                        OURS + "launcher.host..", OURS + "launcher.command..")
                .check(all);
    }

    @ParameterizedTest
    @ValueSource(strings = {"api", "client", "core", "kit", "age", "keychain", "dockerauth", "onepassword", "launcher"})
    void packagesOfAModuleHaveNoCycles(String module) {
        slices().assignedFrom(new ByPackage(module)).should().beFreeOfCycles().check(all);
    }

    /** Each package of one module is a slice. */
    private record ByPackage(String module) implements SliceAssignment {

        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            String name = type.getPackageName();
            return name.equals(OURS + module) || name.startsWith(OURS + module + ".")
                    ? SliceIdentifier.of(name)
                    : SliceIdentifier.ignore();
        }

        @Override
        public String getDescription() {
            return "packages of " + module;
        }
    }

    @Test
    void onlyTheEnginesMainWritesToTheStandardStreams() {
        noClasses().that().doNotHaveFullyQualifiedName(OURS + "launcher.host.Main").should()
                .accessFieldWhere(describe("standard streams", access -> access.getTargetOwner()
                        .isEquivalentTo(System.class)
                        && access.getTarget().getRawType().isEquivalentTo(PrintStream.class)))
                .check(all);
    }

    @Test
    void stackTracesArePrintedForTheDebugFlagOnly() {
        noClasses().that().doNotHaveFullyQualifiedName(OURS + "launcher.command.Dispatcher").should()
                .callMethodWhere(describe("printStackTrace", ArchitectureTest::printsStackTrace)).check(all);
    }

    private static boolean printsStackTrace(JavaAccess<?> access) {
        return access.getTarget().getName().equals("printStackTrace")
                && access.getTargetOwner().isAssignableTo(Throwable.class);
    }
}
