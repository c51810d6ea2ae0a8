use super::*;
use gatewright_domain::account::email::EmailAddress;
use gatewright_domain::password::password::Password;
use gatewright_domain::password::policy::{PasswordFault, PasswordOwner, PasswordPolicy};
use sha1::{Digest, Sha1};
use std::fmt::Write;
use tempfile::TempDir;

fn with_lines(lines: &str) -> Result<FilterBlocklist, PasswordFileError> {
    with_bytes(lines.as_bytes())
}

fn with_bytes(bytes: &[u8]) -> Result<FilterBlocklist, PasswordFileError> {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("list.txt");
    std::fs::write(&path, bytes).unwrap();
    FilterBlocklist::with_file(&path)
}

fn fault_of(lines: &str) -> String {
    with_lines(lines).err().unwrap().to_string()
}

/// What Have I Been Pwned writes for a password.
fn digest_line(password: &str, count: &str) -> String {
    let mut line = String::new();
    for byte in Sha1::digest(password) {
        write!(line, "{byte:02X}").unwrap();
    }
    line + count + "\r\n"
}

/// Text that nobody chose.
fn random_text(number: u32) -> String {
    digest_line(&number.to_string(), "")
        .to_lowercase()
        .split_off(22)
        .trim()
        .to_owned()
}

#[test]
fn r06_the_passwords_that_attackers_try_first_are_listed() {
    let blocklist = FilterBlocklist::embedded();
    for password in [
        "password",
        "12345678",
        "123456789",
        "1234567890",
        "baseball",
        "football",
        "superman",
        "trustno1",
        "sunshine",
        "iloveyou",
        "starwars",
        "computer",
        "princess",
        "whatever",
        "password1",
        "qwerty123",
        "p@ssw0rd",
    ] {
        assert!(blocklist.contains(password), "{password}");
    }
}

#[test]
fn r06_obvious_passwords_of_fifteen_characters_are_listed() {
    let blocklist = FilterBlocklist::embedded();
    for password in [
        "passwordpassword",
        "password password",
        "123456789012345",
        "qwertyuiopasdfgh",
        "aaaaaaaaaaaaaaa",
        "abcdefghijklmno",
        "1qaz2wsx3edc4rfv",
        "iloveyouiloveyou",
        "password1234567",
        "password1111111",
        "passworddddddddd",
        "qwertyqwertyqwerty",
        "footballfootball",
        "987654321098765",
        "111111111111111",
        "iloveyoupassword",
        "correcthorsebatterystaple",
        "thisisapassword",
    ] {
        assert!(blocklist.contains(password), "{password}");
    }
}

#[test]
fn r06_a_password_is_compared_as_a_whole() {
    let blocklist = FilterBlocklist::embedded();
    for password in [
        "xpassword123456x",
        "my password is password",
        "margaret hamilton wrote software",
        "exactly 15 char",
        "correct horse battery staple",
        "",
    ] {
        assert!(!blocklist.contains(password), "{password}");
    }
}

#[test]
fn r06_the_policy_finds_listed_passwords_in_any_case() {
    let blocklist = FilterBlocklist::embedded();
    let email = EmailAddress::parse("ann@example.org").unwrap();
    let owner = PasswordOwner {
        email: &email,
        username: None,
    };
    let password = Password::parse(&"PassWordPassWord".to_owned().into()).unwrap();
    let faults = PasswordPolicy::nist().faults(&password, Some(owner), |text| blocklist.contains(text));
    assert_eq!(faults, [PasswordFault::Listed]);
    assert!(!blocklist.contains("PassWordPassWord"), "case is the policy's affair");
}

#[test]
fn hardly_any_random_text_is_taken_for_listed() {
    let blocklist = FilterBlocklist::embedded();
    let taken = (0..100_000)
        .filter(|number| blocklist.contains(&random_text(*number)))
        .count();
    // One in 65 536 is expected.
    assert!(taken < 10, "{taken}");
}

#[test]
fn a_file_of_passwords_adds_to_the_embedded_ones() {
    let blocklist = with_lines("Hello Gatewright\r\n\n  gatewright for ever \nshort\nCafe\u{301} Gatewright").unwrap();
    for password in [
        "hello gatewright",
        "gatewright for ever",
        "caf\u{e9} gatewright",
        "password",
    ] {
        assert!(blocklist.contains(password), "{password}");
    }
    for password in ["gatewright", "short", "", "hello"] {
        assert!(!blocklist.contains(password), "{password}");
    }
}

#[test]
fn a_file_of_digests_adds_to_the_embedded_ones() {
    let lines = digest_line("hello gatewright", ":42") + &digest_line("gatewright for ever", "").to_lowercase();
    let blocklist = with_lines(&lines).unwrap();
    for password in ["hello gatewright", "gatewright for ever", "password"] {
        assert!(blocklist.contains(password), "{password}");
    }
    assert!(!blocklist.contains("Hello Gatewright"));
}

#[test]
fn all_passwords_of_a_long_file_are_found() {
    let lines: Vec<String> = (0..20_000).map(random_text).collect();
    let blocklist = with_lines(&lines.join("\n")).unwrap();
    assert!(lines.iter().all(|password| blocklist.contains(password)));
}

#[test]
fn a_password_that_stands_twice_is_no_fault() {
    let blocklist = with_lines("gatewright for ever\nGatewright for ever\ngatewright for ever\n").unwrap();
    assert!(blocklist.contains("gatewright for ever"));
}

#[test]
fn lines_that_are_no_text_are_passed_over() {
    let blocklist = with_bytes(b"gatewright \xff\xfe for ever\nhello gatewright\n").unwrap();
    assert!(blocklist.contains("hello gatewright"));
}

#[test]
fn a_fault_tells_the_line_and_never_its_content() {
    let mixed = digest_line("hello gatewright", ":42") + "\nsecret of somebody\n";
    let fault = fault_of(&mixed);
    assert!(fault.starts_with("line 3 of "), "{fault}");
    assert!(!fault.contains("secret"), "{fault}");
    let fault = fault_of(&(digest_line("hello gatewright", "") + "+0" + &"0".repeat(38)));
    assert!(fault.starts_with("line 2 of "), "{fault}");
    let fault = fault_of(&("hello gatewright\n".to_owned() + &"x".repeat(10_000)));
    assert!(
        fault.starts_with("line 2 of ") && fault.contains("longer than any password"),
        "{fault}"
    );
    assert!(!fault.contains("xxx"), "{fault}");
}

#[test]
fn a_file_without_passwords_is_an_error() {
    assert!(fault_of("").contains("holds no password"));
    assert!(fault_of("\n \nshort\n").contains("holds no password"));
}

#[test]
fn a_file_that_is_not_there_is_an_error() {
    let directory = TempDir::new().unwrap();
    let missing = directory.path().join("nowhere.txt");
    let error = FilterBlocklist::with_file(&missing).err().unwrap();
    assert!(error.to_string().contains("nowhere.txt"), "{error}");
    assert!(
        FilterBlocklist::with_file(directory.path()).is_err(),
        "a directory is no list"
    );
}
