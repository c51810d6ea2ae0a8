//! What the workloads' pods are allowed, asked, and given.

use super::{config, described, name, of_kind, workloads};
use crate::deploy::{container, list_at, settings, text_at};
use serde_json::{Value, json};

fn pod(workload: &Value) -> &Value {
    &workload["spec"]["template"]["spec"]
}

/// The one container of a workload's pods.
fn only_container(workload: &Value) -> &Value {
    let containers: Vec<&Value> = list_at(pod(workload), "/containers").collect();
    assert_eq!(containers.len(), 1, "{}", name(workload));
    containers[0]
}

/// The number of a named port.
pub(super) fn port(workload: &Value, name: &str) -> Option<u64> {
    let mut ports = list_at(only_container(workload), "/ports");
    ports.find(|port| port["name"] == name)?["containerPort"].as_u64()
}

/// Where a volume is mounted.
pub(super) fn mount(workload: &Value, volume: &str) -> String {
    let mut mounts = list_at(only_container(workload), "/volumeMounts");
    let mount = mounts.find(|mount| mount["name"] == volume);
    text_at(mount.unwrap(), "/mountPath").to_owned()
}

#[test]
fn they_are_allowed_next_to_nothing() {
    for workload in workloads() {
        let (pod, container, name) = (pod(&workload), only_container(&workload), name(&workload));
        assert_eq!(pod["automountServiceAccountToken"], false, "{name}");
        assert_eq!(pod["securityContext"]["runAsNonRoot"], true, "{name}");
        for id in ["runAsUser", "runAsGroup", "fsGroup"] {
            assert_eq!(pod["securityContext"][id], container::user(), "{name}: {id}");
        }
        assert_eq!(
            pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault",
            "{name}"
        );
        let allowed = json!({
            "allowPrivilegeEscalation": false,
            "readOnlyRootFilesystem": true,
            "capabilities": {"drop": ["ALL"]},
        });
        assert_eq!(container["securityContext"], allowed, "{name}");
        for resource in [
            "/resources/requests/cpu",
            "/resources/requests/memory",
            "/resources/limits/memory",
        ] {
            text_at(container, resource);
        }
    }
}

#[test]
fn they_are_asked_what_they_answer() {
    for workload in of_kind("Deployment") {
        let container = only_container(&workload);
        for (probe, path) in [
            ("startupProbe", "/health/live"),
            ("livenessProbe", "/health/live"),
            ("readinessProbe", "/health/ready"),
        ] {
            let asked = &container[probe]["httpGet"];
            assert_eq!(asked["path"], path, "{}: {probe}", name(&workload));
            assert!(described().contains(path), "{path}");
            assert!(
                port(&workload, text_at(asked, "/port")).is_some(),
                "{}: {probe}",
                name(&workload)
            );
        }
    }
}

#[test]
fn their_ports_are_the_programs() {
    let metrics: u64 = config()["METRICS_BIND"].rsplit_once(':').unwrap().1.parse().unwrap();
    for workload in of_kind("Deployment") {
        assert_eq!(port(&workload, "metrics"), Some(metrics), "{}", name(&workload));
        let served = port(&workload, "http");
        assert!(
            served.is_none_or(|port| port == container::port()),
            "{}",
            name(&workload)
        );
        let annotations = &workload["spec"]["template"]["metadata"]["annotations"];
        assert_eq!(annotations["prometheus.io/port"], metrics.to_string());
    }
}

#[test]
fn their_commands_and_what_they_refer_to_exist() {
    let exists = |kind: &str, wanted: &Value| of_kind(kind).iter().any(|object| object["metadata"]["name"] == *wanted);
    for workload in workloads() {
        let (pod, container, name) = (pod(&workload), only_container(&workload), name(&workload));
        let command = container["command"][0].as_str();
        assert!(
            command.is_none_or(|path| container::binaries().contains(path)),
            "{name}: {command:?}"
        );
        let arguments: Vec<&str> = list_at(container, "/args").filter_map(Value::as_str).collect();
        settings::assert_command(&arguments);
        assert!(exists("ServiceAccount", &pod["serviceAccountName"]), "{name}");
        for source in list_at(container, "/envFrom") {
            assert!(exists("ConfigMap", &source["configMapRef"]["name"]), "{name}");
        }
        for source in list_at(pod, "/volumes/0/projected/sources") {
            assert!(exists("Secret", &source["secret"]["name"]), "{name}");
        }
        for mount in list_at(container, "/volumeMounts") {
            assert!(
                list_at(pod, "/volumes").any(|volume| volume["name"] == mount["name"]),
                "{name}"
            );
        }
    }
}
