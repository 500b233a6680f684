/// How grave a complaint is: 1 critical, 2 major, 3 moderate, 4 minor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Critical = 1,
    Major = 2,
    Moderate = 3,
    Minor = 4,
}

impl Severity {
    pub const ALL: [Self; 4] = [Self::Critical, Self::Major, Self::Moderate, Self::Minor];

    #[must_use]
    pub const fn get(self) -> i16 {
        self as i16
    }
}

impl TryFrom<i16> for Severity {
    type Error = i16;

    fn try_from(number: i16) -> Result<Self, i16> {
        Self::ALL.into_iter().find(|severity| severity.get() == number).ok_or(number)
    }
}
