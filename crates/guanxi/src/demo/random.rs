//! The demo world's own dice: SplitMix64 (Steele, Lea, Flood 2014), so that the world stays the same whatever a
//! random-number crate decides to change.

use std::ops::RangeInclusive;

use chrono::{DateTime, Utc};
use uuid::{Builder, Uuid};

#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    pub fn from_seed(seed: u64) -> Self {
        Self(seed)
    }

    /// A generator of its own for one part of the world: drawing more for one part leaves the others as they are.
    pub fn fork(&mut self) -> Self {
        Self(self.next())
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Even over `0..bound`; 0 for an empty range.
    pub fn below(&mut self, bound: usize) -> usize {
        // Multiply-shift: the bias over a 64-bit draw is far below anything a demo shows.
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }

    pub fn within(&mut self, range: RangeInclusive<i64>) -> i64 {
        let (low, high) = range.into_inner();
        low + self.below((high - low + 1).max(1) as usize) as i64
    }

    pub fn percent(&mut self, chance: u32) -> bool {
        self.below(100) < chance as usize
    }

    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// A UUIDv7 as if made at `at`: the demo's things have the same ids everywhere, and sort by age as real ones do.
    pub fn id(&mut self, at: DateTime<Utc>) -> Uuid {
        let mut noise = [0; 10];
        noise[..8].copy_from_slice(&self.next().to_be_bytes());
        noise[8..].copy_from_slice(&self.next().to_be_bytes()[..2]);
        Builder::from_unix_timestamp_millis(at.timestamp_millis().unsigned_abs(), &noise).into_uuid()
    }

    /// Picks by weight; the weights need not add up to anything.
    pub fn weighted<T: Copy>(&mut self, items: &[(T, u32)]) -> T {
        let total: u32 = items.iter().map(|(_, weight)| weight).sum();
        let mut left = self.below(total as usize) as u32;
        for (item, weight) in items {
            if left < *weight {
                return *item;
            }
            left -= weight;
        }
        items[items.len() - 1].0
    }

    /// Up to `count` different items, in the order they stand.
    pub fn some<T: Clone>(&mut self, items: &[T], count: usize) -> Vec<T> {
        let mut wanted = count.min(items.len());
        let mut chosen = Vec::with_capacity(wanted);
        for (index, item) in items.iter().enumerate() {
            if self.below(items.len() - index) < wanted {
                chosen.push(item.clone());
                wanted -= 1;
            }
        }
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_the_published_sequence() {
        let mut random = Random::from_seed(1_234_567);
        let drawn: Vec<u64> = (0..3).map(|_| random.next()).collect();
        assert_eq!(drawn, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn draws_stay_within_bounds() {
        let mut random = Random::from_seed(7);
        for _ in 0..1_000 {
            assert!(random.below(3) < 3);
            assert!((-2..=2).contains(&random.within(-2..=2)));
        }
        assert_eq!(random.some(&[1, 2, 3], 9), [1, 2, 3]);
        assert_eq!(random.some(&[1, 2, 3, 4], 2).len(), 2);
    }
}
