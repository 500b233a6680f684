use problem::FieldError;

/// Every fault of one input, in the order of its fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults(Vec<FieldError>);

/// Says what is wrong with a text: code and message.
pub type Rule = fn(&str) -> Option<(&'static str, &'static str)>;

impl Faults {
    pub fn add(&mut self, pointer: &str, code: &str, message: impl Into<String>) {
        self.0.push(FieldError::new(pointer, code, message));
    }

    /// Trims `text` and holds it against its longest length and its rules.
    pub fn text(&mut self, pointer: &str, text: &mut String, longest: usize, rules: &[Rule]) {
        if text.trim().len() != text.len() {
            *text = text.trim().to_owned();
        }
        if text.is_empty() {
            self.add(pointer, "blank", "must not be blank");
        } else if text.chars().count() > longest {
            self.add(pointer, "too-long", format!("has more than {longest} characters"));
        } else if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r')) {
            self.add(pointer, "control-character", "contains control characters");
        } else if let Some((code, message)) = rules.iter().find_map(|rule| rule(text)) {
            self.add(pointer, code, message);
        }
    }

    pub fn optional_text(&mut self, pointer: &str, text: &mut Option<String>, longest: usize, rules: &[Rule]) {
        if let Some(text) = text {
            self.text(pointer, text, longest, rules);
        }
    }

    pub fn range<N: PartialOrd + std::fmt::Display>(&mut self, pointer: &str, number: Option<N>, least: N, most: N) {
        if number.is_some_and(|number| number < least || number > most) {
            self.add(pointer, "out-of-range", format!("must be from {least} to {most}"));
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn extend(&mut self, more: Self) {
        self.0.extend(more.0);
    }

    /// The value when there is no fault, else the faults.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.is_empty() { Ok(value) } else { Err(self) }
    }

    /// Joins what parsing said with what a later check found, so that the caller hears of everything at once.
    pub fn join<T>(parsed: Result<T, Self>, later: Self) -> Result<T, Self> {
        match parsed {
            Ok(value) => later.or(value),
            Err(mut faults) => {
                faults.extend(later);
                Err(faults)
            }
        }
    }

    /// The same faults in an input that stands at `prefix` of a larger one.
    pub fn under(self, prefix: &str) -> Self {
        Self(self.0.into_iter().map(|fault| fault.under(prefix)).collect())
    }

    pub fn as_slice(&self) -> &[FieldError] {
        &self.0
    }

    pub fn into_vec(self) -> Vec<FieldError> {
        self.0
    }
}

impl FromIterator<FieldError> for Faults {
    fn from_iter<I: IntoIterator<Item = FieldError>>(faults: I) -> Self {
        Self(faults.into_iter().collect())
    }
}
