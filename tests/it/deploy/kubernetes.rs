//! The manifests.

mod pods;

use crate::deploy::{
    assert_valid, container, entries_at, files_under, is_yaml, keys_at, list_at, read, root, seconds, settings,
    text_at, yaml,
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

const FOLDER: &str = "deploy/kubernetes";

/// What goes to a cluster, the samples included.
fn objects() -> Vec<Value> {
    let files = files_under(FOLDER).into_iter();
    let documents = files.filter(|path| is_yaml(path)).flat_map(yaml);
    documents.filter(|object| !is_kustomization(object)).collect()
}

fn is_kustomization(document: &Value) -> bool {
    text_at(document, "/apiVersion").starts_with("kustomize.config.k8s.io/")
}

fn name(object: &Value) -> &str {
    text_at(object, "/metadata/name")
}

fn of_kind(kind: &str) -> Vec<Value> {
    let found: Vec<Value> = objects().into_iter().filter(|object| object["kind"] == kind).collect();
    assert!(!found.is_empty(), "no {kind}");
    found
}

/// Whatever makes pods.
fn workloads() -> Vec<Value> {
    [of_kind("Deployment"), of_kind("Job")].concat()
}

/// The workloads whose pods have all of these labels.
fn selected(labels: &Value) -> Vec<Value> {
    let fits = |workload: &Value| {
        let has = &workload["spec"]["template"]["metadata"]["labels"];
        entries_at(labels, "").all(|(label, value)| has[label] == *value)
    };
    workloads().into_iter().filter(fits).collect()
}

fn config() -> BTreeMap<String, String> {
    let maps = of_kind("ConfigMap");
    let data = entries_at(&maps[0], "/data");
    data.map(|(name, value)| (name.to_owned(), value.as_str().unwrap().to_owned()))
        .collect()
}

#[test]
fn every_object_says_what_it_is_and_has_a_name_of_its_own() {
    let mut seen = BTreeSet::new();
    for object in objects() {
        let kind = (
            text_at(&object, "/apiVersion").to_owned(),
            text_at(&object, "/kind").to_owned(),
        );
        assert!(seen.insert((kind, name(&object).to_owned())), "{} twice", name(&object));
    }
    assert!(seen.len() > 12);
}

#[test]
fn every_file_is_part_of_a_kustomization_or_a_sample() {
    let mut named = BTreeSet::new();
    for file in files_under(FOLDER)
        .iter()
        .filter(|file| file.ends_with("kustomization.yaml"))
    {
        let folder = file.parent().unwrap();
        let kustomization = yaml(file).remove(0);
        for pointer in ["/resources", "/components"] {
            for path in list_at(&kustomization, pointer).filter_map(Value::as_str) {
                let path = folder.join(path).canonicalize();
                named.insert(path.unwrap_or_else(|error| panic!("{}: {error}", file.display())));
            }
        }
    }
    for file in files_under(FOLDER) {
        let file_name = file.file_name().unwrap().to_str().unwrap();
        let manifest = is_yaml(&file) && file_name != "kustomization.yaml";
        let is_sample = file_name.ends_with(".sample.yaml");
        assert_eq!(named.contains(&file), manifest && !is_sample, "{}", file.display());
    }
}

#[test]
fn every_selector_finds_pods() {
    for workload in of_kind("Deployment") {
        let found = selected(&workload["spec"]["selector"]["matchLabels"]);
        assert_eq!(found.len(), 1, "{} selects others' pods, or none", name(&workload));
        assert_eq!(name(&found[0]), name(&workload));
        for spread in list_at(&workload, "/spec/template/spec/topologySpreadConstraints") {
            assert_eq!(selected(&spread["labelSelector"]["matchLabels"]), found);
        }
    }
    for service in of_kind("Service") {
        assert_eq!(selected(&service["spec"]["selector"]).len(), 1, "{}", name(&service));
    }
    for budget in of_kind("PodDisruptionBudget") {
        let selector = &budget["spec"]["selector"]["matchLabels"];
        assert_eq!(selected(selector).len(), 1, "{}", name(&budget));
    }
    for policy in of_kind("NetworkPolicy") {
        let found = selected(&policy["spec"]["podSelector"]["matchLabels"]);
        assert!(!found.is_empty(), "{}", name(&policy));
        let ports = list_at(&policy, "/spec/ingress").flat_map(|rule| list_at(rule, "/ports"));
        for port in ports.filter_map(|port| port["port"].as_str()) {
            assert!(
                found.iter().any(|pod| pods::port(pod, port).is_some()),
                "{}: {port}",
                name(&policy)
            );
        }
    }
    for scaler in of_kind("HorizontalPodAutoscaler") {
        let target = &scaler["spec"]["scaleTargetRef"];
        let found = of_kind(text_at(target, "/kind"));
        let found = found
            .iter()
            .find(|workload| workload["metadata"]["name"] == target["name"]);
        assert!(
            found.unwrap()["spec"]["replicas"].is_null(),
            "two say how many there are"
        );
    }
}

#[test]
fn the_service_leads_to_the_port_that_is_served() {
    let service = of_kind("Service").remove(0);
    let pod = selected(&service["spec"]["selector"]).remove(0);
    let port = &service["spec"]["ports"][0];
    assert_eq!(pods::port(&pod, text_at(port, "/targetPort")), Some(container::port()));
    for ingress in of_kind("Ingress") {
        for path in list_at(&ingress, "/spec/rules/0/http/paths") {
            assert_eq!(path["backend"]["service"]["name"], service["metadata"]["name"]);
            assert_eq!(path["backend"]["service"]["port"]["name"], port["name"]);
        }
    }
}

#[test]
fn the_ingress_lets_in_what_is_described_and_not_what_is_internal() {
    let ingress = of_kind("Ingress").remove(0);
    let paths: Vec<&Value> = list_at(&ingress, "/spec/rules/0/http/paths").collect();
    let reached = |address: &str| {
        paths
            .iter()
            .any(|path| match (text_at(path, "/path"), text_at(path, "/pathType")) {
                (prefix, "Prefix") => address == prefix || address.starts_with(&format!("{prefix}/")),
                (exact, _) => address == exact,
            })
    };
    for address in described() {
        assert_eq!(reached(&address), !address.starts_with("/health"), "{address}");
    }
    for page in [
        "/verify-registration",
        "/verify-email",
        "/forgot-password",
        "/reset-password",
        "/pages.css",
        "/docs",
    ] {
        assert!(reached(page), "{page}");
    }
    assert!(!reached("/metrics"));
}

/// The paths of the API's description.
fn described() -> BTreeSet<String> {
    let document: Value = serde_json::from_str(&read("docs/openapi.json")).unwrap();
    keys_at(&document, "/paths")
}

#[test]
fn the_settings_are_accepted_and_their_secrets_are_mounted() {
    let mut environment = container::environment();
    environment.extend(config());
    settings::assert_accepted(&environment);
    let secrets: BTreeSet<String> = of_kind("Secret")
        .iter()
        .flat_map(|secret| keys_at(secret, "/stringData"))
        .collect();
    let files = environment.iter().filter(|(name, _)| name.ends_with("_FILE"));
    let files: BTreeSet<&str> = files.map(|(_, path)| path.as_str()).collect();
    for workload in workloads() {
        let folder = pods::mount(&workload, "secrets");
        let there: BTreeSet<String> = secrets.iter().map(|secret| format!("{folder}/{secret}")).collect();
        assert!(
            files.iter().copied().eq(there.iter().map(String::as_str)),
            "{files:?} and {there:?}"
        );
        assert_eq!(pods::mount(&workload, "data"), environment["DATA_DIR"]);
    }
}

#[test]
fn a_pod_has_time_to_stop() {
    let config = config();
    let needed = seconds(&config["SHUTDOWN_DELAY"]) + seconds(&config["SHUTDOWN_TIMEOUT"]);
    for workload in of_kind("Deployment") {
        let given = &workload["spec"]["template"]["spec"]["terminationGracePeriodSeconds"];
        assert!(given.as_u64().unwrap() > needed, "{}", name(&workload));
    }
}

#[test]
fn kubectl_builds_it() {
    for folder in [FOLDER.to_owned(), format!("{FOLDER}/migrate")] {
        assert_valid(
            Command::new("kubectl")
                .arg("kustomize")
                .arg(root().join(Path::new(&folder))),
        );
    }
}
