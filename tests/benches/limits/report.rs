//! The figures, as a table and as JSON.

use serde_json::{Map, Value, json};

/// The middle of several rounds, and how far they lie apart.
#[derive(Default)]
pub(crate) struct Rounds(pub(crate) Vec<f64>);

impl Rounds {
    pub(crate) fn push(&mut self, figure: f64) {
        self.0.push(figure);
    }

    pub(crate) fn median(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
    }

    fn spread(&self) -> f64 {
        let (low, high) = self
            .0
            .iter()
            .fold((f64::MAX, f64::MIN), |(low, high), n| (low.min(*n), high.max(*n)));
        (high - low) / self.median()
    }

    fn show(&self, unit: &str) -> String {
        format!("{} ±{:.0} %", show(self.median(), unit), self.spread() * 50.0)
    }
}

/// What a figure should be.
#[derive(Clone, Copy)]
pub(crate) enum Aim {
    AtLeast(f64),
    AtMost(f64),
}

impl Aim {
    fn is_met_by(self, figure: f64) -> bool {
        match self {
            Self::AtLeast(least) => figure >= least,
            Self::AtMost(most) => figure <= most,
        }
    }

    fn show(self) -> String {
        match self {
            Self::AtLeast(least) => format!("≥ {least}"),
            Self::AtMost(most) => format!("≤ {most}"),
        }
    }
}

/// One row: what was measured, beside what, with what aim.
struct Row {
    what: String,
    ours: String,
    beside: String,
    ratio: String,
    aim: String,
    met: &'static str,
    json: Value,
}

/// All rows, and under what conditions they were measured.
#[derive(Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
    parameters: Map<String, Value>,
    remarks: Vec<String>,
}

impl Report {
    /// A condition of the measurements.
    pub(crate) fn parameter(&mut self, name: &str, value: impl Into<Value>) {
        self.parameters.insert(name.to_owned(), value.into());
    }

    /// A sentence below the table.
    pub(crate) fn remark(&mut self, sentence: &str) {
        self.remarks.push(sentence.to_owned());
    }

    /// A figure beside another, measured in turns; their ratio should be as `aim` says, where there is one.
    pub(crate) fn ratio(&mut self, what: &str, ours: &Rounds, beside: &Rounds, unit: &str, aim: Option<Aim>) {
        let ratio = ours.median() / beside.median();
        self.rows.push(Row {
            what: what.to_owned(),
            ours: ours.show(unit),
            beside: beside.show(unit),
            ratio: format!("{ratio:.2}"),
            aim: aim.map(Aim::show).unwrap_or_default(),
            met: verdict(aim, ratio),
            json: json!({"ours": ours.0, "beside": beside.0, "unit": unit, "ratio": ratio, "aim": aim.map(Aim::show)}),
        });
    }

    /// A figure by itself.
    pub(crate) fn figure(&mut self, what: &str, figure: f64, unit: &str, aim: Aim) {
        self.rows.push(Row {
            what: what.to_owned(),
            ours: show(figure, unit),
            beside: String::new(),
            ratio: String::new(),
            aim: format!("{} {unit}", aim.show()),
            met: verdict(Some(aim), figure),
            json: json!({"ours": figure, "unit": unit, "aim": aim.show()}),
        });
    }

    pub(crate) fn print(&self) {
        println!("\n| measured | server | beside it, in the same run | ratio | aim | met |\n|---|---|---|---|---|---|");
        for row in &self.rows {
            println!(
                "| {} | {} | {} | {} | {} | {} |",
                row.what, row.ours, row.beside, row.ratio, row.aim, row.met
            );
        }
        println!();
        for (name, value) in &self.parameters {
            println!(
                "{name}: {}",
                value.as_str().map_or(value.to_string(), ToOwned::to_owned)
            );
        }
        for remark in &self.remarks {
            println!("{remark}");
        }
    }

    pub(crate) fn write_json(&self, path: &str) {
        let figures: Map<String, Value> = self
            .rows
            .iter()
            .map(|row| (row.what.clone(), row.json.clone()))
            .collect();
        let document = json!({"parameters": self.parameters, "figures": figures, "remarks": self.remarks});
        // Cargo runs a benchmark in its package's folder; the report belongs to the project.
        let project = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        std::fs::write(project.join(path), format!("{document:#}\n")).unwrap();
    }
}

fn verdict(aim: Option<Aim>, figure: f64) -> &'static str {
    match aim {
        Some(aim) if aim.is_met_by(figure) => "yes",
        Some(_) => "no",
        None => "",
    }
}

/// Rates without a fraction, everything else with one.
fn show(figure: f64, unit: &str) -> String {
    if unit == "/s" {
        format!("{figure:.0} {unit}")
    } else {
        format!("{figure:.2} {unit}")
    }
}
