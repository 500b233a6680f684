//! Where the demo's customers sit: real cities, so that maps, time zones and currencies make sense.

#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub city: &'static str,
    pub region: &'static str,
    pub country: &'static str,
    pub time_zone: &'static str,
    /// Hours east of UTC outside daylight saving: enough to keep the demo's meetings within working hours.
    pub utc_offset: i64,
    pub currency: &'static str,
    pub language: &'static str,
    /// Numbers reserved for fiction where the country reserves any.
    pub phone_prefix: &'static str,
}

const fn china(city: &'static str, region: &'static str) -> Place {
    Place {
        city,
        region,
        country: "CN",
        time_zone: "Asia/Shanghai",
        utc_offset: 8,
        currency: "CNY",
        language: "zh-CN",
        phone_prefix: "+86105550",
    }
}

#[allow(clippy::too_many_arguments)]
const fn abroad(
    city: &'static str,
    region: &'static str,
    country: &'static str,
    time_zone: &'static str,
    utc_offset: i64,
    currency: &'static str,
    language: &'static str,
    phone_prefix: &'static str,
) -> Place {
    Place { city, region, country, time_zone, utc_offset, currency, language, phone_prefix }
}

/// City and how many of the customers sit there, by weight.
pub const CHINA: &[(Place, u32)] = &[
    (china("北京", "北京"), 12),
    (china("上海", "上海"), 12),
    (china("深圳", "广东"), 11),
    (china("广州", "广东"), 7),
    (china("杭州", "浙江"), 7),
    (china("宁波", "浙江"), 4),
    (china("苏州", "江苏"), 6),
    (china("南京", "江苏"), 5),
    (china("无锡", "江苏"), 3),
    (china("成都", "四川"), 6),
    (china("重庆", "重庆"), 5),
    (china("武汉", "湖北"), 5),
    (china("长沙", "湖南"), 4),
    (china("西安", "陕西"), 4),
    (china("青岛", "山东"), 4),
    (china("济南", "山东"), 3),
    (china("天津", "天津"), 4),
    (china("郑州", "河南"), 3),
    (china("合肥", "安徽"), 3),
    (china("厦门", "福建"), 3),
    (china("福州", "福建"), 2),
    (china("沈阳", "辽宁"), 3),
    (china("大连", "辽宁"), 3),
    (china("哈尔滨", "黑龙江"), 2),
    (china("昆明", "云南"), 2),
    (china("南宁", "广西"), 2),
    (china("贵阳", "贵州"), 2),
    (china("兰州", "甘肃"), 1),
    (china("乌鲁木齐", "新疆"), 1),
    (china("海口", "海南"), 1),
];

pub const ABROAD: &[(Place, u32)] = &[
    (abroad("Singapore", "Singapore", "SG", "Asia/Singapore", 8, "SGD", "en", "+6565550"), 6),
    (abroad("Kuala Lumpur", "Selangor", "MY", "Asia/Kuala_Lumpur", 8, "MYR", "en", "+60355501"), 4),
    (abroad("Bangkok", "Bangkok", "TH", "Asia/Bangkok", 7, "THB", "en", "+6625550"), 4),
    (abroad("Jakarta", "Jakarta", "ID", "Asia/Jakarta", 7, "IDR", "en", "+622155501"), 3),
    (abroad("Tokyo", "Kanto", "JP", "Asia/Tokyo", 9, "JPY", "en", "+81355501"), 4),
    (abroad("Seoul", "Seoul", "KR", "Asia/Seoul", 9, "KRW", "en", "+82255501"), 3),
    (abroad("Mumbai", "Maharashtra", "IN", "Asia/Kolkata", 5, "INR", "en", "+912255501"), 4),
    (abroad("Dubai", "Dubai", "AE", "Asia/Dubai", 4, "AED", "en", "+97145550"), 4),
    (abroad("Riyadh", "Riyadh", "SA", "Asia/Riyadh", 3, "SAR", "en", "+966115550"), 2),
    (abroad("Nairobi", "Nairobi", "KE", "Africa/Nairobi", 3, "KES", "en", "+254205550"), 2),
    (abroad("Johannesburg", "Gauteng", "ZA", "Africa/Johannesburg", 2, "ZAR", "en", "+27115550"), 3),
    (abroad("Munich", "Bavaria", "DE", "Europe/Berlin", 1, "EUR", "de", "+493023125"), 5),
    (abroad("Hamburg", "Hamburg", "DE", "Europe/Berlin", 1, "EUR", "de", "+494066969"), 3),
    (abroad("Lyon", "Auvergne-Rhône-Alpes", "FR", "Europe/Paris", 1, "EUR", "fr", "+33199000"), 3),
    (abroad("Milan", "Lombardy", "IT", "Europe/Rome", 1, "EUR", "en", "+39025550"), 3),
    (abroad("Rotterdam", "South Holland", "NL", "Europe/Amsterdam", 1, "EUR", "en", "+31105550"), 3),
    (abroad("Madrid", "Madrid", "ES", "Europe/Madrid", 1, "EUR", "es", "+34915550"), 3),
    (abroad("Gothenburg", "Västra Götaland", "SE", "Europe/Stockholm", 1, "SEK", "en", "+46313900"), 2),
    (abroad("London", "Greater London", "GB", "Europe/London", 0, "GBP", "en", "+442079460"), 5),
    (abroad("Manchester", "Greater Manchester", "GB", "Europe/London", 0, "GBP", "en", "+441614960"), 2),
    (abroad("Chicago", "Illinois", "US", "America/Chicago", -6, "USD", "en", "+131255501"), 4),
    (abroad("Houston", "Texas", "US", "America/Chicago", -6, "USD", "en", "+171355501"), 3),
    (abroad("Toronto", "Ontario", "CA", "America/Toronto", -5, "CAD", "en", "+141655501"), 3),
    (abroad("São Paulo", "São Paulo", "BR", "America/Sao_Paulo", -3, "BRL", "en", "+551155501"), 4),
    (abroad("Mexico City", "CDMX", "MX", "America/Mexico_City", -6, "MXN", "es", "+525555501"), 3),
    (abroad("Sydney", "New South Wales", "AU", "Australia/Sydney", 10, "AUD", "en", "+61255501"), 3),
];
