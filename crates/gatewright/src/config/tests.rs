//! The configuration as a whole.

use super::*;
use crate::config::documents::explanation;
use crate::config::setting::Exposure;
use crate::config::settings::all_settings;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use tempfile::tempdir;

fn read(pairs: &[(&str, &str)]) -> Result<Config, Faults> {
    Config::read(&Given::from_pairs(pairs.iter().copied()))
}

fn faults(pairs: &[(&str, &str)]) -> Vec<String> {
    read(pairs).map_or_else(
        |faults| faults.0.iter().map(ToString::to_string).collect(),
        |_| Vec::new(),
    )
}

fn read_with_dotenv(environment: &[(&str, &str)], dotenv: &str) -> Given {
    let pairs = environment
        .iter()
        .map(|(name, text)| (OsString::from(name), OsString::from(text)));
    Given::gather(pairs, dotenv)
}

#[test]
fn without_any_setting_everything_has_its_default() {
    let config = read(&[]).unwrap();
    assert_eq!(config.environment, Environment::Development);
    assert_eq!(config.server.bind.to_string(), "127.0.0.1:8000");
    assert_eq!(config.public_base_url(8000).as_str(), "http://localhost:8000/");
    assert_eq!(
        config.sessions.policy,
        gatewright_domain::session::session::SessionPolicy::default()
    );
    assert_eq!(
        config.proofs.policy,
        gatewright_domain::account::challenge::ChallengePolicy::default()
    );
    assert_eq!(config.passwords.policy.min_length, 15);
    assert_eq!(
        config.limits.mail,
        Some(gatewright_domain::abuse::quota::MailQuotas::default())
    );
    assert_eq!(config.logging, LogConfig::default());
    assert_eq!(config.warnings, Vec::<String>::new());
}

#[test]
fn a_faulty_value_is_one_line_that_names_setting_fault_and_example() {
    for (name, value, line) in FAULTY {
        assert_eq!(faults(&[(name, value)]), [line]);
    }
}

#[test]
fn all_faults_are_told_at_once() {
    let names: Vec<String> = read(&[
        ("WORKERS", "x"),
        ("BIND", "x"),
        ("LOG_LEVEL", "x"),
        ("SESSION_TTL", "x"),
    ])
    .unwrap_err()
    .0
    .iter()
    .map(|fault| fault.name().to_owned())
    .collect();
    assert_eq!(names, ["BIND", "WORKERS", "SESSION_TTL", "LOG_LEVEL"]);
}

#[test]
fn every_setting_is_read() {
    let unjudged_here = ["SECRET_KEY", "SECRET_KEY_PREVIOUS", "TOKEN_KEYS", "PASSWORD_PEPPER"];
    for setting in all_settings().filter(|setting| !unjudged_here.contains(&setting.name)) {
        let found = faults(&[(setting.name, "\u{1}")]);
        assert!(
            found.first().is_some_and(|line| line.starts_with(setting.name)),
            "{}: {found:?}",
            setting.name
        );
    }
}

#[test]
fn every_example_is_acceptable() {
    let refused_for_now = ["TRUSTED_PROXIES"];
    let not_on_this_machine = ["PASSWORD_BLOCKLIST_FILE", "MAIL_TEMPLATES_DIR", "TLS_CA_FILE"];
    let not_alone = ["DKIM_DOMAIN", "DKIM_KEY"];
    let left_out = [&refused_for_now[..], &not_on_this_machine, &not_alone].concat();
    for setting in all_settings() {
        if !left_out.contains(&setting.name) {
            assert_eq!(faults(&[(setting.name, setting.example)]), Vec::<String>::new());
        }
    }
}

#[test]
fn mails_are_signed_with_a_domain_and_a_key_or_not_at_all() {
    let (domain, key) = (("DKIM_DOMAIN", "example.com"), ("DKIM_KEY", "some PEM"));
    assert!(read(&[domain, key]).is_ok());
    for (half, other) in [(domain, "DKIM_KEY"), (key, "DKIM_DOMAIN")] {
        let told = faults(&[half]);
        assert!(
            told[0].starts_with(&format!("{}: needs {other} beside it", half.0)),
            "{told:?}"
        );
    }
}

#[test]
fn an_empty_value_is_no_value() {
    assert!(read(&[("BIND", ""), ("SMTP_URL", "  "), ("SECRET_KEY_FILE", "")]).is_ok());
}

#[test]
fn the_environment_wins_over_the_file() {
    let given = read_with_dotenv(
        &[("WORKERS", "3")],
        "WORKERS=4\nBIND=127.0.0.1:1\nMAIL_FROM='A <a@b.example>'\n",
    );
    let config = Config::read(&given).unwrap();
    assert_eq!(config.server.workers.get(), 3);
    assert_eq!(config.server.bind.port(), 1);
    assert_eq!(config.mail.from, "A <a@b.example>");
}

#[test]
fn a_broken_line_of_the_file_is_placed_and_not_quoted() {
    let given = read_with_dotenv(&[], "WORKERS=4\nSECRET_KEY=hunter2 is short\n");
    let text = Config::read(&given).unwrap_err().to_string();
    assert_eq!(
        text,
        ".env: what follows WORKERS is not NAME=value (a value with spaces needs quotes); example: BIND=127.0.0.1:8000"
    );
}

#[test]
fn a_value_can_stand_in_a_file_of_its_own() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("bind");
    fs::write(&file, "127.0.0.1:4321\r\n").unwrap();
    let path = file.to_str().unwrap();
    assert_eq!(read(&[("BIND_FILE", path)]).unwrap().server.bind.port(), 4321);

    let both = faults(&[("BIND_FILE", path), ("BIND", "127.0.0.1:1")]);
    assert_eq!(
        both,
        ["BIND: is given together with BIND_FILE; give one of them; example: BIND=127.0.0.1:8000"]
    );

    fs::write(&file, "\n").unwrap();
    assert!(faults(&[("BIND_FILE", path)])[0].contains("which is empty"));
    assert!(faults(&[("BIND_FILE", "/nowhere/bind")])[0].contains("which cannot be read"));
}

#[test]
fn the_issuer_is_the_public_url_and_never_a_port_that_changes() {
    let issuer = |pairs: &[(&str, &str)]| read(pairs).unwrap().token_issuer();
    assert_eq!(issuer(&[]), "http://localhost:8000");
    assert_eq!(issuer(&[("BIND", "127.0.0.1:0")]), "http://localhost");
    assert_eq!(
        issuer(&[("BIND", "127.0.0.1:0"), ("PUBLIC_BASE_URL", "https://id.example/x/")]),
        "https://id.example/x"
    );
    assert_eq!(issuer(&[("TOKEN_ISSUER", "us")]), "us");
}

#[test]
fn a_misspelt_name_is_warned_about() {
    let config = read(&[("ACCES_TOKEN_TTL", "5m"), ("HOME", "/root")]).unwrap();
    assert_eq!(
        config.warnings,
        ["ACCES_TOKEN_TTL in the environment is not a setting; did you mean ACCESS_TOKEN_TTL?"]
    );
}

#[test]
fn what_is_risky_is_warned_about() {
    let config = read(&[("RATE_LIMITS", "off"), ("ACCESS_TOKEN_TTL", "1h")]).unwrap();
    assert_eq!(config.limits.mail, None);
    let names: Vec<&str> = config
        .warnings
        .iter()
        .filter_map(|warning| warning.split(':').next())
        .collect();
    assert_eq!(names, ["ACCESS_TOKEN_TTL", "RATE_LIMITS"]);
}

#[test]
fn r13_production_refuses_missing_secrets_and_plain_http() {
    let missing = read(&[("APP_ENV", "production")]).unwrap_err();
    let names: BTreeSet<&str> = missing.0.iter().map(fault::Fault::name).collect();
    assert_eq!(names, ["PUBLIC_BASE_URL", "SECRET_KEY", "TOKEN_KEYS"].into());

    let given_twice = [("APP_ENV", "production"), ("SECRET_KEY", "x"), ("SECRET_KEY_FILE", "x")];
    let told = faults(&given_twice);
    assert_eq!(
        told.iter().filter(|line| line.starts_with("SECRET_KEY:")).count(),
        1,
        "{told:?}"
    );

    let keys = [("APP_ENV", "production"), ("SECRET_KEY", "x"), ("TOKEN_KEYS", "x")];
    let plain = faults(&[&keys[..], &[("PUBLIC_BASE_URL", "http://id.example.com")]].concat());
    assert_eq!(
        plain,
        [
            "PUBLIC_BASE_URL: must be an https URL with APP_ENV=production; example: PUBLIC_BASE_URL=https://id.example.com"
        ]
    );
    assert_eq!(
        faults(&[&keys[..], &[("PUBLIC_BASE_URL", "https://id.example.com")]].concat()),
        Vec::<String>::new()
    );
}

#[test]
fn no_secret_is_shown_anywhere() {
    let pairs = [
        ("SECRET_KEY", "canary-a"),
        ("SECRET_KEY_PREVIOUS", "canary-b,canary-c"),
        ("TOKEN_KEYS", "canary-d"),
        ("PASSWORD_PEPPER", "canary-e"),
    ];
    let given = Given::from_pairs(pairs);
    let config = Config::read(&given).unwrap();
    let faulty = Given::from_pairs([
        ("SMTP_URL", "smtp://u:canary-g@h"),
        ("DATABASE_URL", "canary-h://u:canary-i@h"),
    ]);
    let told = Config::read(&faulty).unwrap_err();
    let all = format!(
        "{given:?} {config:?} {} {told:?} {told} {faulty:?} {}",
        explanation(&given),
        explanation(&faulty)
    );
    for letter in ["a", "b", "c", "d", "e", "g", "i"] {
        assert!(!all.contains(&format!("canary-{letter}")), "canary-{letter} in {all}");
    }
}

#[test]
fn every_secret_has_a_sample_that_cannot_be_taken_for_a_key() {
    for setting in all_settings().filter(|setting| setting.exposure == Exposure::Secret) {
        assert!(setting.example.contains("change-this"), "{}", setting.name);
    }
}

#[test]
fn names_are_unique() {
    let names: BTreeSet<&str> = all_settings().map(|setting| setting.name).collect();
    assert_eq!(names.len(), all_settings().count());
}

const FAULTY: [(&str, &str, &str); 18] = [
    (
        "BIND",
        "8000",
        r#"BIND: "8000" is not an address with a port; example: BIND=127.0.0.1:8000"#,
    ),
    (
        "APP_ENV",
        "prod",
        r#"APP_ENV: "prod" is not development or production; example: APP_ENV=development"#,
    ),
    (
        "PUBLIC_BASE_URL",
        "id.example.com",
        r#"PUBLIC_BASE_URL: "id.example.com" is not an http or https URL without user, query and fragment; example: PUBLIC_BASE_URL=https://id.example.com"#,
    ),
    (
        "WORKERS",
        "0",
        r#"WORKERS: "0" is not a whole number from 1 to 512; example: WORKERS=2"#,
    ),
    (
        "SHUTDOWN_DELAY",
        "61s",
        r#"SHUTDOWN_DELAY: "61s" is not a span of time from 0s to 1m; example: SHUTDOWN_DELAY=0s"#,
    ),
    (
        "SCHEDULER",
        "elsewhere",
        r#"SCHEDULER: "elsewhere" is not embedded or external; example: SCHEDULER=embedded"#,
    ),
    (
        "DATABASE_URL",
        "mysql://u:p@db/x",
        r#"DATABASE_URL: "mysql://…@db/x" is neither sqlite:// and the path of a file nor postgres://; example: DATABASE_URL=postgres://gatewright:password@db.example.com/gatewright?sslmode=verify-full"#,
    ),
    (
        "REDIS_KEY_PREFIX",
        "{a}",
        r#"REDIS_KEY_PREFIX: "{a}" is not letters, digits, `-`, `_`, `.` and `:`; example: REDIS_KEY_PREFIX=gatewright"#,
    ),
    (
        "SMTP_CONNECTIONS",
        "0",
        r#"SMTP_CONNECTIONS: "0" is not a whole number from 1 to 32; example: SMTP_CONNECTIONS=2"#,
    ),
    (
        "SIGNING_KEY_ROTATION",
        "1h",
        r#"SIGNING_KEY_ROTATION: "1h" is not a span of time from 1day to 10years 7days 12h; example: SIGNING_KEY_ROTATION=90d"#,
    ),
    (
        "METRICS_BIND",
        "9464",
        r#"METRICS_BIND: "9464" is not an address with a port; example: METRICS_BIND=127.0.0.1:9464"#,
    ),
    (
        "ACCESS_TOKEN_TTL",
        "2d",
        r#"ACCESS_TOKEN_TTL: "2d" is not a span of time from 1m to 1day; example: ACCESS_TOKEN_TTL=15m"#,
    ),
    (
        "REFRESH_REUSE_GRACE",
        "2m",
        r#"REFRESH_REUSE_GRACE: "2m" is not a span of time from 0s to 1m; example: REFRESH_REUSE_GRACE=10s"#,
    ),
    (
        "VERIFICATION_CODE_TTL",
        "11m",
        r#"VERIFICATION_CODE_TTL: "11m" is not a span of time from 1m to 10m; example: VERIFICATION_CODE_TTL=10m"#,
    ),
    (
        "PASSWORD_MIN_LENGTH",
        "7",
        r#"PASSWORD_MIN_LENGTH: "7" is not a whole number from 8 to 64; example: PASSWORD_MIN_LENGTH=15"#,
    ),
    (
        "CORS_ALLOWED_ORIGINS",
        "https://a.example,*",
        r#"CORS_ALLOWED_ORIGINS: "https://a.example,*" holds "*", which is not an origin (scheme://host or scheme://host:port); example: CORS_ALLOWED_ORIGINS=https://app.example.com,http://localhost:5173"#,
    ),
    (
        "MAIL_TEMPLATES_DIR",
        "/nowhere",
        r#"MAIL_TEMPLATES_DIR: "/nowhere" is not a folder; example: MAIL_TEMPLATES_DIR=./mail-templates"#,
    ),
    (
        "LOG_LEVEL",
        "loud",
        r#"LOG_LEVEL: "loud" holds "loud", which is not one of off, error, warn, info, debug, trace; example: LOG_LEVEL=info"#,
    ),
];
