//! The proxies' configurations.

use crate::deploy::{assert_valid, read, root, validate};
use std::io::Write as _;
use std::process::Command;
use std::{fs, io};

/// nginx wants certificates that are there, and makes its folders also when it only reads.
const AROUND: &str = "
    events {}
    pid nginx.pid;
    http {
        client_body_temp_path body;
        proxy_temp_path proxy;
        fastcgi_temp_path fastcgi;
        uwsgi_temp_path uwsgi;
        scgi_temp_path scgi;
        include gatewright.conf;
    }";

#[test]
fn nginx_reads_its_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let certificate = rcgen::generate_simple_self_signed(["id.example.com".to_owned()]).unwrap();
    write("fullchain.pem", &certificate.cert.pem());
    write("privkey.pem", &certificate.signing_key.serialize_pem());
    let configuration = read("deploy/proxies/nginx.conf")
        .replace("/etc/letsencrypt/live/id.example.com", folder.path().to_str().unwrap())
        // Ports that anybody may use, and no need of IPv6.
        .replace("listen [::]:80;", "listen 127.0.0.1:8081;")
        .replace("listen [::]:443 ", "listen 127.0.0.1:8444 ")
        .replace("listen 80;", "listen 127.0.0.1:8080;")
        .replace("listen 443 ", "listen 127.0.0.1:8443 ");
    write("gatewright.conf", &configuration);
    write("nginx.conf", AROUND);
    let mut nginx = Command::new("nginx");
    nginx
        .args(["-t", "-e", "stderr", "-c", "nginx.conf", "-p"])
        .arg(folder.path());
    assert_valid(&mut nginx);
}

/// The numbers of the first version in a text.
fn version_in(text: &str) -> Vec<u32> {
    let words = text
        .split_whitespace()
        .map(|word| word.trim_start_matches('v').trim_end_matches('.'));
    let mut versions = words.filter_map(|word| {
        word.split('.')
            .map(|part| part.parse().ok())
            .collect::<Option<Vec<u32>>>()
    });
    versions.find(|version| version.len() > 1).unwrap()
}

#[test]
fn caddy_reads_its_configuration() {
    let Some(version) = validate(Command::new("caddy").arg("version")) else {
        return;
    };
    let version = String::from_utf8(version.stdout).unwrap();
    let caddyfile = read("deploy/proxies/Caddyfile");
    let needed = version_in(caddyfile.lines().next().unwrap());
    if version_in(&version) < needed {
        let _ = writeln!(
            io::stderr(),
            "caddy {version} is older than {needed:?}: the Caddyfile stays unchecked"
        );
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut caddy = Command::new("caddy");
    caddy
        .args(["validate", "--adapter", "caddyfile", "--config"])
        .arg(root().join("deploy/proxies/Caddyfile"))
        .env("HOME", folder.path());
    assert_valid(&mut caddy);
}

#[test]
fn both_replace_what_clients_say_of_themselves_and_hide_what_is_internal() {
    let nginx = read("deploy/proxies/nginx.conf");
    for needed in [
        "proxy_set_header X-Forwarded-For $remote_addr;",
        "proxy_set_header Forwarded \"\";",
        "location = /metrics { return 404; }",
        "location ^~ /health/ { return 404; }",
        "client_max_body_size 64k;",
    ] {
        assert!(nginx.contains(needed), "{needed}");
    }
    let repeats = nginx
        .lines()
        .map(str::trim)
        .find(|line| line.starts_with("proxy_next_upstream "));
    assert_eq!(repeats, Some("proxy_next_upstream error timeout;"));
    let caddy = read("deploy/proxies/Caddyfile");
    for needed in [
        "@internal path /metrics /metrics/* /health /health/*",
        "health_uri /health/ready",
        "max_size 64KiB",
    ] {
        assert!(caddy.contains(needed), "{needed}");
    }
}
