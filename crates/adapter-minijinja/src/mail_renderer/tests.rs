use super::*;
use std::fs;
use tempfile::TempDir;

fn built_in() -> MinijinjaMailRenderer {
    MinijinjaMailRenderer::new(None).unwrap()
}

fn with_file(name: &str, text: &str) -> Result<MinijinjaMailRenderer, TemplateError> {
    let directory = TempDir::new().unwrap();
    fs::write(directory.path().join(name), text).unwrap();
    MinijinjaMailRenderer::new(Some(directory.path()))
}

/// Every mail with each of its values replaced.
fn mails_that_say(value: &str) -> impl Iterator<Item = MailContent> {
    sample_mails().map(move |mail| MailContent {
        values: mail.values.into_keys().map(|name| (name, value.to_owned())).collect(),
        ..mail
    })
}

#[test]
fn every_mail_has_a_subject_a_text_and_an_html_part() {
    for mail in sample_mails() {
        let rendered = built_in().render(&mail).unwrap();
        assert!(rendered.subject.contains("Gatewright"), "{mail:?}");
        assert!(rendered.text.starts_with("Hello,\n\n"), "{mail:?}");
        assert!(rendered.html.starts_with("<!doctype html>"), "{mail:?}");
        assert!(
            rendered.html.contains(&format!("<title>{}</title>", rendered.subject)),
            "{mail:?}"
        );
    }
}

#[test]
fn codes_and_links_stand_alone_on_their_lines_and_the_code_comes_first() {
    for mail in sample_mails() {
        let text = built_in().render(&mail).unwrap().text;
        let place = |name| {
            let value = mail.values.get(name)?;
            Some(text.lines().position(|line| line == value).expect(name))
        };
        if let (Some(code), Some(link)) = (place("code"), place("link")) {
            assert!(code < link, "{mail:?}");
        }
    }
}

#[test]
fn the_code_is_the_only_number_of_six_digits() {
    for mail in sample_mails() {
        let rendered = built_in().render(&mail).unwrap();
        let expected: Vec<&str> = mail.values.get("code").map(String::as_str).into_iter().collect();
        for part in [&rendered.text, &rendered.html] {
            let numbers = part.split(|c: char| !c.is_ascii_digit());
            let six: Vec<&str> = numbers.filter(|number| number.len() == 6).collect();
            assert_eq!(six, expected, "{mail:?}");
        }
        assert!(!rendered.subject.contains("482913"), "{mail:?}");
    }
}

#[test]
fn html_parts_load_nothing_from_outside() {
    for mail in sample_mails() {
        let html = built_in().render(&mail).unwrap().html;
        for mark in ["src=", "url(", "@import", "<script", "<link", "<img"] {
            assert!(!html.contains(mark), "{mark} in {mail:?}");
        }
    }
}

#[test]
fn a30_markup_in_a_value_stays_text() {
    for mail in mails_that_say("<a href=x>\"'") {
        let html = built_in().render(&mail).unwrap().html;
        assert!(!html.contains("<a href=x>"), "{mail:?}");
        assert!(html.contains("&lt;a href=x&gt;&quot;&#x27;"), "{mail:?}");
    }
}

#[test]
fn a30_template_code_in_a_value_stays_text() {
    for mail in mails_that_say("{{7*7}}{% include 'x' %}") {
        let rendered = built_in().render(&mail).unwrap();
        assert!(rendered.subject.contains("{{7*7}}{% include 'x' %}"), "{mail:?}");
        assert!(rendered.text.contains("{{7*7}}{% include 'x' %}"), "{mail:?}");
        assert!(rendered.html.contains("{{7*7}}"), "{mail:?}");
    }
}

#[test]
fn a30_a_value_ends_no_line() {
    let lines = |mail: &MailContent| built_in().render(mail).unwrap().text.lines().count();
    let breaking = mails_that_say("one\r\nBcc: two@example.org\u{2028}three\u{85}four");
    for (mail, plain) in breaking.zip(mails_that_say("one")) {
        let rendered = built_in().render(&mail).unwrap();
        assert!(
            rendered.subject.contains("one  Bcc: two@example.org three four"),
            "{mail:?}"
        );
        assert_eq!(lines(&mail), lines(&plain), "{mail:?}");
    }
}

#[test]
fn a30_a_display_name_in_a_teams_own_template_is_escaped() {
    let own = "Hello {% if display_name is defined %}{{ display_name }}{% endif %}";
    let renderer = with_file("password_changed.html", own).unwrap();
    let [mut mail, _] = mails_of(MailTemplate::PasswordChanged);
    mail.values.insert("display_name".into(), "<a href=x>{{7*7}}".into());
    assert_eq!(renderer.render(&mail).unwrap().html, "Hello &lt;a href=x&gt;{{7*7}}");
}

#[test]
fn a_file_replaces_the_template_of_its_name_alone() {
    let own = "Subject: Passwort geändert\n\nHallo {{ email }},\nam {{ changed_at }}.\n";
    let own_wording = with_file("password_changed.txt", own).unwrap();
    let [mail, _] = mails_of(MailTemplate::PasswordChanged);
    let rendered = own_wording.render(&mail).unwrap();
    assert_eq!(rendered.subject, "Passwort geändert");
    assert_eq!(
        rendered.text,
        "Hallo ann@example.org,\nam 21 November 2026, 06:14 UTC.\n"
    );
    assert_eq!(rendered.html, built_in().render(&mail).unwrap().html);
}

#[test]
fn a_replaced_layout_frames_every_html_part() {
    let renderer = with_file("layout.html", "OURS {% block content %}{% endblock %}").unwrap();
    for mail in sample_mails() {
        assert!(renderer.render(&mail).unwrap().html.starts_with("OURS "), "{mail:?}");
    }
}

#[test]
fn a_broken_file_is_found_at_start_by_its_name_and_line() {
    let fault = |name, text| with_file(name, text).err().unwrap().to_string();
    let unclosed = fault("email_changed.html", "one\n{% if %}");
    assert!(unclosed.contains("email_changed.html:2"), "{unclosed}");
    let unknown_value = fault("email_changed.txt", "Subject: x\n\n{{ new_emial }}");
    assert!(unknown_value.contains("email_changed.txt:3"), "{unknown_value}");
    let optional_value = fault("password_changed.html", "{{ requested_from }}");
    assert!(optional_value.contains("password_changed.html:1"), "{optional_value}");
    let no_subject = fault("email_changed.txt", "Hello,\n");
    assert_eq!(no_subject, "email_changed.txt must begin with a line `Subject: …`");
    let misspelt = fault("email_chanegd.txt", "Subject: x\n\n");
    assert!(
        misspelt.ends_with("email_chanegd.txt is the template of no mail"),
        "{misspelt}"
    );
}

#[test]
fn files_that_are_no_templates_are_left_alone() {
    assert!(with_file("README.md", "{{").is_ok());
}

#[test]
fn a_directory_that_is_not_there_is_an_error() {
    let directory = TempDir::new().unwrap();
    let missing = directory.path().join("nowhere");
    let error = MinijinjaMailRenderer::new(Some(&missing)).err().unwrap();
    assert!(error.to_string().contains("nowhere"), "{error}");
}

#[test]
fn a_missing_value_is_an_error_that_quotes_no_value() {
    let [mut mail, _] = mails_of(MailTemplate::PasswordResetCode);
    mail.values.remove("code_minutes");
    let error = built_in().render(&mail).unwrap_err().to_string();
    assert!(error.contains("password_reset_code.txt"), "{error}");
    assert!(!error.contains("482913"), "{error}");
}

fn mails_of(template: MailTemplate) -> [MailContent; 2] {
    let mails: Vec<MailContent> = sample_mails().filter(|mail| mail.template == template).collect();
    mails.try_into().unwrap()
}
