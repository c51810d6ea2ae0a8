//! The units.

use crate::deploy::{container, files_under, read, seconds, settings, validate};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

const FOLDER: &str = "deploy/systemd";

/// The keys that the units use; systemd reads over one that it does not know, with a line in its log.
const KEYS: [(&str, &str); 3] = [
    ("Unit", "After Description StartLimitIntervalSec Wants"),
    ("Install", "WantedBy"),
    (
        "Service",
        "CapabilityBoundingSet Environment EnvironmentFile ExecStart Group LimitNOFILE LoadCredential LockPersonality \
         MemoryDenyWriteExecute NoNewPrivileges PrivateDevices PrivateTmp PrivateUsers ProcSubset ProtectClock \
         ProtectControlGroups ProtectHome ProtectHostname ProtectKernelLogs ProtectKernelModules ProtectKernelTunables \
         ProtectProc ProtectSystem RemoveIPC Restart RestartSec RestrictAddressFamilies RestrictNamespaces \
         RestrictRealtime RestrictSUIDSGID StateDirectory StateDirectoryMode SystemCallArchitectures \
         SystemCallErrorNumber SystemCallFilter TimeoutStopSec Type UMask User WorkingDirectory",
    ),
];

/// What no unit goes without.
const HARDENING: [(&str, &str); 8] = [
    ("CapabilityBoundingSet", ""),
    ("MemoryDenyWriteExecute", "yes"),
    ("NoNewPrivileges", "yes"),
    ("PrivateDevices", "yes"),
    ("ProtectHome", "yes"),
    ("ProtectSystem", "strict"),
    ("RestrictAddressFamilies", "AF_INET AF_INET6 AF_UNIX"),
    ("SystemCallFilter", "@system-service"),
];

/// The lines of a unit: section, key, value.
struct Unit(Vec<(String, String, String)>);

impl Unit {
    fn read(path: &str) -> Self {
        let (mut section, mut lines) = (String::new(), Vec::new());
        for line in read(format!("{FOLDER}/{path}")).lines() {
            let is_comment = line.is_empty() || line.starts_with('#');
            if let Some(name) = line.strip_prefix('[') {
                name.trim_end_matches(']').clone_into(&mut section);
            } else if !is_comment {
                let (key, value) = line.split_once('=').unwrap_or_else(|| panic!("{path}: {line}"));
                lines.push((section.clone(), key.to_owned(), value.to_owned()));
            }
        }
        Self(lines)
    }

    /// Every value of a key of the section `Service`.
    fn all(&self, key: &str) -> Vec<&str> {
        let found = self
            .0
            .iter()
            .filter(|(section, found, _)| section == "Service" && found == key);
        found.map(|(_, _, value)| value.as_str()).collect()
    }

    fn one(&self, key: &str) -> &str {
        self.all(key).first().unwrap_or_else(|| panic!("no {key}"))
    }

    /// The settings it gives by itself, with the credentials' folder as systemd puts it.
    fn environment(&self) -> BTreeMap<String, String> {
        let pairs = self
            .all("Environment")
            .into_iter()
            .map(|pair| pair.split_once('=').unwrap());
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }
}

fn services() -> [Unit; 2] {
    ["gatewright.service", "gatewright-scheduler.service"].map(Unit::read)
}

fn additions() -> Unit {
    Unit::read("gatewright.service.d/dependencies.conf")
}

fn environment_file() -> BTreeMap<String, String> {
    let text = read(format!("{FOLDER}/gatewright.env"));
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let pairs = lines.map(|line| line.split_once('=').unwrap());
    pairs
        .map(|(name, value)| (name.to_owned(), value.trim_matches('\'').to_owned()))
        .collect()
}

#[test]
fn every_key_is_one_that_is_known() {
    let known: BTreeSet<(&str, &str)> = KEYS
        .iter()
        .flat_map(|(section, keys)| keys.split_whitespace().map(move |key| (*section, key)))
        .collect();
    let mut used = BTreeSet::new();
    for unit in services().into_iter().chain([additions()]) {
        used.extend(unit.0.into_iter().map(|(section, key, _)| (section, key)));
    }
    let used: BTreeSet<(&str, &str)> = used
        .iter()
        .map(|(section, key)| (section.as_str(), key.as_str()))
        .collect();
    assert_eq!(used, known);
}

#[test]
fn every_unit_is_hardened_and_has_time_to_stop() {
    let environment = environment_file();
    let timeout = environment.get("SHUTDOWN_TIMEOUT").map_or("30s", String::as_str);
    let needed = seconds(&environment["SHUTDOWN_DELAY"]) + seconds(timeout);
    for unit in services() {
        for (key, value) in HARDENING {
            assert_eq!(unit.one(key), value, "{key}");
        }
        assert!(seconds(unit.one("TimeoutStopSec")) > needed);
        assert_eq!(
            unit.one("Type"),
            "exec",
            "the program does not tell systemd that it is ready"
        );
    }
}

#[test]
fn every_program_and_every_secret_is_where_it_is_looked_for() {
    for unit in services() {
        let mut command = unit.one("ExecStart").split(' ');
        assert!(container::binaries().contains(command.next().unwrap()));
        settings::assert_command(&command.collect::<Vec<&str>>());
        assert_eq!(unit.one("EnvironmentFile"), "/etc/gatewright/gatewright.env");
        assert_eq!(unit.one("WorkingDirectory"), environment_file()["DATA_DIR"]);
        assert_eq!(
            format!("/var/lib/{}", unit.one("StateDirectory")),
            environment_file()["DATA_DIR"]
        );
    }
    let manual = read(format!("{FOLDER}/README.md"));
    for unit in services().into_iter().chain([additions()]) {
        let loaded: Vec<(&str, &str)> = unit
            .all("LoadCredential")
            .into_iter()
            .map(|credential| credential.split_once(':').unwrap())
            .collect();
        for (name, path) in &loaded {
            assert_eq!(*path, format!("/etc/gatewright/{name}"));
            assert!(manual.contains(&format!("/dev/stdin {path}\n")), "nothing makes {path}");
        }
        for (setting, path) in unit
            .environment()
            .iter()
            .filter(|(setting, _)| setting.ends_with("_FILE"))
        {
            let name = path.strip_prefix("%d/").unwrap_or_else(|| panic!("{setting}"));
            assert!(loaded.iter().any(|(loaded, _)| *loaded == name), "{setting}");
        }
    }
}

#[test]
fn their_settings_are_accepted_with_other_servers_and_without() {
    let [server, scheduler] = services();
    let with = |units: &[&Unit]| {
        let mut environment = environment_file();
        environment.extend(units.iter().flat_map(|unit| unit.environment()));
        environment
    };
    settings::assert_accepted(&with(&[&server]));
    settings::assert_accepted(&with(&[&server, &additions()]));
    settings::assert_accepted(&with(&[&scheduler]));
}

#[test]
fn systemd_reads_them() {
    let folder = tempfile::tempdir().unwrap();
    let units: Vec<_> = files_under(FOLDER)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "service"))
        .map(|path| {
            let copy = folder.path().join(path.file_name().unwrap());
            // The programs need not be installed here.
            let text = read(&path).replace("ExecStart=/usr/local/bin/gatewright", "ExecStart=/bin/true gatewright");
            fs::write(&copy, text).unwrap();
            copy
        })
        .collect();
    assert_eq!(units.len(), 2);
    if let Some(output) = validate(Command::new("systemd-analyze").arg("verify").args(&units)) {
        let said = String::from_utf8_lossy(&output.stderr);
        let of_ours = said.lines().filter(|line| line.contains("gatewright"));
        assert!(output.status.success(), "{said}");
        assert_eq!(of_ours.count(), 0, "{said}");
    }
}
