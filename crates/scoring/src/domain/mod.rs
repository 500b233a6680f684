//! How a score is computed: [`score`] is a pure function of facts, policy and instant, in integers only, so that the
//! same facts give the same numbers on any machine, bit for bit. No database, no HTTP, no bus, no clock.
//!
//! Everything is counted in thousandths of a point and rounded once, at the end, half upwards.
//!
//! # Engagement, 0 to 100 (`engagement-v1`)
//!
//! The sum of five parts. `cadence` is the tier's: S 26, A 12, B 6, C 2 days with contact a year. Counted are the
//! interactions of the 365 days before the instant (up to five minutes after it: clocks differ).
//!
//! | part | from 0 to | grows with |
//! |---|---|---|
//! | breadth | 25 | people met ÷ people known; where seats of the decision chain are known 15 go by people and 10 by seats held by somebody met |
//! | frequency | 30 | days with contact ÷ cadence, full at 1 |
//! | recency | 15 | full while the last contact is no longer ago than 365 ÷ cadence days, from there in a straight line to 0 at 365 days |
//! | depth | 20 | sum over the days of the weight of the day's deepest interaction ÷ (4 × cadence), full at 1 |
//! | outcome | 10 | 5 ± 5 × (sum of outcome − 2) ÷ (cadence ÷ 2), within 0 and 10; 0 without any interaction |
//!
//! Weight of an interaction: executive meeting 10; the five means of 151 8; annual meeting, summit, service forum,
//! training 6; routine visit, survey visit, hotline 4. By video a quarter less, rounded up; a call counts at most 2;
//! e-mail, message, web and portal count 1. Days and not interactions are counted so that ten messages of one morning
//! are one contact.
//!
//! Each part can only grow with a further interaction whose outcome is not below 2.
//!
//! # Satisfaction, 0 to 100
//!
//! 75 without evidence, plus what every complaint does to it:
//!
//! - withdrawn: nothing;
//! - settled (resolved or closed), its resolution in time, no other deadline missed, never reopened: +3, because a
//!   complaint handled well ties a customer more than none;
//! - else a loss by severity of 24, 14, 7 or 3 points (1 to 4; a matter of safety counts as 1), with 40 % more for each
//!   deadline missed, 50 % more for each time reopened (at most twice) and 25 % more while it is open.
//!
//! A settled complaint halves its effect every 180 days after it was settled, in straight lines between the halvings,
//! so that integers suffice. An open one has its full effect.
//!
//! A further complaint with a missed deadline can only lower it.
//!
//! # Level, L1 to L5
//!
//! The fifth of the scale that engagement lies in, but at most one above that of satisfaction: section 5.2 of the domain
//! document, "never more than one level above the weakest plane".
//!
//! # Confidence
//!
//! Of engagement: low below 3 days with contact, high from 12. Of satisfaction: low without complaints, high from 4.

mod engagement;
mod facts;
mod policy;
mod reasons;
mod satisfaction;
mod score;

pub use facts::Facts;
pub use policy::{current, policies};
pub use score::{Computed, score};

#[cfg(test)]
mod properties;
