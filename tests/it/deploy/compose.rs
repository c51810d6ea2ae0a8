//! The compose file.

use crate::deploy::{container, entries_at, keys_at, list_at, read, root, seconds, settings, text_at, validate, yaml};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

const FILE: &str = "deploy/compose/compose.yaml";

fn compose() -> Value {
    yaml(FILE).remove(0)
}

fn is_ours(service: &Value) -> bool {
    text_at(service, "/image").starts_with("gatewright:")
}

/// The names in a list, or of a map, at `pointer` of a service.
fn named(service: &Value, pointer: &str) -> BTreeSet<String> {
    let listed = list_at(service, pointer).map(|entry| entry.as_str().unwrap().to_owned());
    listed.chain(keys_at(service, pointer)).collect()
}

/// The part of a volume before the first colon.
fn sources(service: &Value) -> BTreeSet<String> {
    let volumes = named(service, "/volumes").into_iter();
    volumes
        .map(|volume| volume.split(':').next().unwrap().to_owned())
        .collect()
}

/// `${NAME:-default}` as it is where nobody gave NAME.
fn with_defaults(text: &str) -> String {
    let mut parts = text.split("${");
    let mut result = parts.next().unwrap().to_owned();
    for part in parts {
        let (variable, rest) = part.split_once('}').unwrap();
        let (_, default) = variable
            .split_once(":-")
            .unwrap_or_else(|| panic!("{variable} has no default"));
        result.push_str(default);
        result.push_str(rest);
    }
    result
}

#[test]
fn every_reference_resolves_and_nothing_is_declared_for_nobody() {
    let compose = compose();
    let services: Vec<(&str, &Value)> = entries_at(&compose, "/services").collect();
    assert!(services.len() > 6);
    let is_path = |source: &String| source.starts_with(['.', '/']);
    for (kind, used) in [
        (
            "networks",
            services
                .iter()
                .flat_map(|(_, service)| named(service, "/networks"))
                .collect(),
        ),
        (
            "secrets",
            services
                .iter()
                .flat_map(|(_, service)| named(service, "/secrets"))
                .collect(),
        ),
        (
            "volumes",
            services
                .iter()
                .flat_map(|(_, service)| sources(service))
                .filter(|source| !is_path(source))
                .collect::<BTreeSet<String>>(),
        ),
    ] {
        assert_eq!(used, keys_at(&compose, &format!("/{kind}")), "{kind}");
    }
    for (name, service) in services {
        for path in sources(service).iter().filter(|source| is_path(source)) {
            assert!(
                root().join("deploy/compose").join(path).exists(),
                "{name} mounts {path}"
            );
        }
        if let Some(build) = service.get("build") {
            let context = root().join("deploy/compose").join(text_at(build, "/context"));
            assert!(context.join(text_at(build, "/dockerfile")).is_file(), "{name}");
        }
    }
}

#[test]
fn whoever_waits_for_a_service_waits_for_something_that_happens() {
    let compose = compose();
    for (name, service) in entries_at(&compose, "/services") {
        for (needed, how) in entries_at(service, "/depends_on") {
            let needed = &compose["services"][needed];
            assert!(needed.is_object(), "{name} waits for what is not there");
            match text_at(how, "/condition") {
                "service_healthy" => {
                    let checked = needed["healthcheck"]["test"].is_array() || is_ours(needed);
                    assert!(checked && needed["healthcheck"]["disable"] != true, "{name}");
                }
                "service_completed_successfully" => assert_eq!(needed["restart"], "no", "{name}"),
                other => panic!("{name}: {other}"),
            }
        }
    }
}

#[test]
fn the_proxy_alone_is_open_to_others() {
    let compose = compose();
    assert_eq!(compose["networks"]["inside"]["internal"], true);
    for (name, service) in entries_at(&compose, "/services") {
        for port in list_at(service, "/ports").filter_map(Value::as_str) {
            assert!(
                name == "proxy" || port.starts_with("127.0.0.1:"),
                "{name} publishes {port}"
            );
        }
        if is_ours(service) {
            let networks = named(service, "/networks");
            let inside = BTreeSet::from(["inside".to_owned()]);
            assert!(
                networks == inside || service["network_mode"] == "none",
                "{name}: {networks:?}"
            );
            assert_eq!(service["read_only"], true, "{name}");
            assert_eq!(service["cap_drop"][0], "ALL", "{name}");
            assert_eq!(service["security_opt"][0], "no-new-privileges:true", "{name}");
        }
    }
}

#[test]
fn our_services_are_given_what_the_program_accepts() {
    let compose = compose();
    for (name, service) in entries_at(&compose, "/services").filter(|(_, service)| is_ours(service)) {
        let mut environment: BTreeMap<String, String> = container::environment();
        for (setting, value) in entries_at(service, "/environment") {
            let value = value.as_str().unwrap_or_else(|| panic!("{name}: {setting} is no text"));
            if let Some(secret) = value.strip_prefix("/run/secrets/") {
                assert!(
                    named(service, "/secrets").contains(secret),
                    "{name} is not given {secret}"
                );
            }
            environment.insert(setting.to_owned(), with_defaults(value));
        }
        settings::assert_accepted(&environment);
        let words: Vec<&str> = list_at(service, "/command").filter_map(Value::as_str).collect();
        settings::assert_command(&words);
        let entry = service["entrypoint"][0].as_str();
        assert!(
            entry.is_none_or(|entry| container::binaries().contains(entry)),
            "{entry:?}"
        );
        if service["restart"] != "no" {
            let timeout = environment.get("SHUTDOWN_TIMEOUT").map_or("30s", String::as_str);
            let needed = seconds(&environment["SHUTDOWN_DELAY"]) + seconds(timeout);
            assert!(seconds(text_at(service, "/stop_grace_period")) > needed, "{name}");
        }
    }
}

#[test]
fn the_proxy_finds_the_servers_and_the_secrets_are_made() {
    let compose = compose();
    for upstream in text_at(&compose, "/services/proxy/environment/UPSTREAMS").split(' ') {
        let (service, port) = upstream.split_once(':').unwrap();
        assert!(compose["services"][service].is_object(), "{service}");
        assert_eq!(port, container::port().to_string());
    }
    let script = read("deploy/compose/make-secrets.sh");
    for (name, secret) in entries_at(&compose, "/secrets") {
        assert_eq!(text_at(secret, "/file"), format!("./secrets/{name}"));
        assert!(script.contains(&format!("> {name}\n")), "nothing makes {name}");
    }
}

#[test]
fn docker_compose_reads_it() {
    let mut version = Command::new("docker");
    let plugin = validate(version.args(["compose", "version"]));
    if plugin.is_some_and(|output| output.status.success()) {
        let mut config = Command::new("docker");
        let output = validate(
            config
                .args(["compose", "--file"])
                .arg(root().join(FILE))
                .args(["config", "--quiet"]),
        );
        let output = output.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
