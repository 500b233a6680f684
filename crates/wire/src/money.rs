use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::{PartialSchema, ToSchema, openapi};

/// An amount in minor units (cents, fen) of a currency; on the wire `{"amount": "1234.50", "currency": "CNY"}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    pub minor: i64,
    pub currency: Currency,
}

/// A currency code of ISO 4217.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoneyError {
    /// Not three capital letters.
    Currency,
    /// Not a decimal number such as `-1234.50`.
    Amount,
    /// More decimals than the currency has.
    Decimals { most: u32 },
    /// Beyond what 64 bits of minor units hold.
    Range,
}

impl fmt::Display for MoneyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Currency => f.write_str("a currency is three capital letters of ISO 4217, such as CNY"),
            Self::Amount => f.write_str("an amount is a decimal number in a string, such as \"1234.50\""),
            Self::Decimals { most } => write!(f, "this currency has at most {most} decimals"),
            Self::Range => f.write_str("this amount is too large"),
        }
    }
}

impl std::error::Error for MoneyError {}

impl Currency {
    pub const CNY: Self = Self(*b"CNY");
    pub const USD: Self = Self(*b"USD");
    pub const EUR: Self = Self(*b"EUR");

    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only ASCII capitals get in (see `from_str`).
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Digits after the decimal point (ISO 4217, column "minor unit").
    #[must_use]
    pub fn decimals(self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG" | b"RWF" | b"UGX"
            | b"UYI" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            b"CLF" | b"UYW" => 4,
            _ => 2,
        }
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        match <[u8; 3]>::try_from(text.as_bytes()) {
            Ok(code) if code.iter().all(u8::is_ascii_uppercase) => Ok(Self(code)),
            _ => Err(MoneyError::Currency),
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Money {
    /// Parses a decimal amount exactly: never through a float.
    pub fn parse(amount: &str, currency: Currency) -> Result<Self, MoneyError> {
        let (negative, digits) = match amount.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, amount),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !plain(whole) || !plain(fraction) {
            return Err(MoneyError::Amount);
        }
        let most = currency.decimals();
        let fraction = fraction.trim_end_matches('0');
        if fraction.len() > most as usize {
            return Err(MoneyError::Decimals { most });
        }
        let scaled = format!("{whole}{fraction:0<width$}", width = most as usize);
        let minor: i64 = scaled.parse().map_err(|_| MoneyError::Range)?;
        Ok(Self { minor: if negative { -minor } else { minor }, currency })
    }

    /// The amount as a decimal string with the currency's own number of decimals.
    #[must_use]
    pub fn amount(&self) -> String {
        let decimals = self.currency.decimals() as usize;
        let sign = if self.minor < 0 { "-" } else { "" };
        let digits = format!("{:0>width$}", self.minor.unsigned_abs(), width = decimals + 1);
        let (whole, fraction) = digits.split_at(digits.len() - decimals);
        if decimals == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    amount: String,
    currency: String,
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Wire { amount: self.amount(), currency: self.currency.to_string() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = Wire::deserialize(deserializer)?;
        let currency = wire.currency.parse().map_err(serde::de::Error::custom)?;
        Self::parse(&wire.amount, currency).map_err(serde::de::Error::custom)
    }
}

impl PartialSchema for Money {
    fn schema() -> openapi::RefOr<openapi::schema::Schema> {
        use openapi::schema::{AdditionalProperties, ObjectBuilder, Type};
        let text = |pattern: &str, about: &str| {
            ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern)).description(Some(about))
        };
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some("An amount of money, exact."))
            .property("amount", text(r"^-?[0-9]{1,18}(\.[0-9]{1,4})?$", "A decimal number, such as `1234.50`."))
            .required("amount")
            .property("currency", text("^[A-Z]{3}$", "ISO 4217 code, such as `CNY`."))
            .required("currency")
            .additional_properties(Some(AdditionalProperties::<openapi::schema::Schema>::FreeForm(false)))
            .build()
            .into()
    }
}

impl ToSchema for Money {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_are_exact() {
        let cases = [
            ("1234.50", "CNY", Ok((123_450, "1234.50"))),
            ("-0.05", "USD", Ok((-5, "-0.05"))),
            ("7", "JPY", Ok((7, "7"))),
            ("1.250", "KWD", Ok((1_250, "1.250"))),
            ("1.50000", "CNY", Ok((150, "1.50"))),
            ("1.005", "CNY", Err(MoneyError::Decimals { most: 2 })),
            ("1e3", "CNY", Err(MoneyError::Amount)),
            ("", "CNY", Err(MoneyError::Amount)),
            ("99999999999999999999", "CNY", Err(MoneyError::Range)),
            ("1", "cny", Err(MoneyError::Currency)),
        ];
        for (amount, currency, expected) in cases {
            let parsed = currency.parse().and_then(|c| Money::parse(amount, c));
            let seen = parsed.as_ref().map(|m| (m.minor, m.amount())).map_err(|e| *e);
            assert_eq!(seen, expected.map(|(minor, text)| (minor, text.to_owned())), "{amount} {currency}");
        }
    }

    proptest! {
        #[test]
        fn any_amount_reads_as_it_writes(minor in -i64::MAX..=i64::MAX, currency in "CNY|JPY|KWD|CLF") {
            let money = Money { minor, currency: currency.parse().unwrap() };
            prop_assert_eq!(Money::parse(&money.amount(), money.currency), Ok(money));
            let json = serde_json::to_string(&money).unwrap();
            prop_assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), money);
        }
    }
}
