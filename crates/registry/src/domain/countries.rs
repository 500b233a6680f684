//! ISO 3166-1: which countries there are, and by which of their names people write them in files.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Code and usual English name (names: public domain, tz database).
#[rustfmt::skip]
const COUNTRIES: &[(&str, &str)] = &[
    ("AD", "Andorra"), ("AE", "United Arab Emirates"), ("AF", "Afghanistan"), ("AG", "Antigua & Barbuda"),
    ("AI", "Anguilla"), ("AL", "Albania"), ("AM", "Armenia"), ("AO", "Angola"), ("AQ", "Antarctica"),
    ("AR", "Argentina"), ("AS", "Samoa (American)"), ("AT", "Austria"), ("AU", "Australia"), ("AW", "Aruba"),
    ("AX", "Åland Islands"), ("AZ", "Azerbaijan"), ("BA", "Bosnia & Herzegovina"), ("BB", "Barbados"),
    ("BD", "Bangladesh"), ("BE", "Belgium"), ("BF", "Burkina Faso"), ("BG", "Bulgaria"), ("BH", "Bahrain"),
    ("BI", "Burundi"), ("BJ", "Benin"), ("BL", "St Barthelemy"), ("BM", "Bermuda"), ("BN", "Brunei"),
    ("BO", "Bolivia"), ("BQ", "Caribbean NL"), ("BR", "Brazil"), ("BS", "Bahamas"), ("BT", "Bhutan"),
    ("BV", "Bouvet Island"), ("BW", "Botswana"), ("BY", "Belarus"), ("BZ", "Belize"), ("CA", "Canada"),
    ("CC", "Cocos (Keeling) Islands"), ("CD", "Congo (Dem. Rep.)"), ("CF", "Central African Rep."),
    ("CG", "Congo (Rep.)"), ("CH", "Switzerland"), ("CI", "Côte d'Ivoire"), ("CK", "Cook Islands"), ("CL", "Chile"),
    ("CM", "Cameroon"), ("CN", "China"), ("CO", "Colombia"), ("CR", "Costa Rica"), ("CU", "Cuba"),
    ("CV", "Cape Verde"), ("CW", "Curaçao"), ("CX", "Christmas Island"), ("CY", "Cyprus"), ("CZ", "Czech Republic"),
    ("DE", "Germany"), ("DJ", "Djibouti"), ("DK", "Denmark"), ("DM", "Dominica"), ("DO", "Dominican Republic"),
    ("DZ", "Algeria"), ("EC", "Ecuador"), ("EE", "Estonia"), ("EG", "Egypt"), ("EH", "Western Sahara"),
    ("ER", "Eritrea"), ("ES", "Spain"), ("ET", "Ethiopia"), ("FI", "Finland"), ("FJ", "Fiji"),
    ("FK", "Falkland Islands"), ("FM", "Micronesia"), ("FO", "Faroe Islands"), ("FR", "France"), ("GA", "Gabon"),
    ("GB", "Britain (UK)"), ("GD", "Grenada"), ("GE", "Georgia"), ("GF", "French Guiana"), ("GG", "Guernsey"),
    ("GH", "Ghana"), ("GI", "Gibraltar"), ("GL", "Greenland"), ("GM", "Gambia"), ("GN", "Guinea"),
    ("GP", "Guadeloupe"), ("GQ", "Equatorial Guinea"), ("GR", "Greece"),
    ("GS", "South Georgia & the South Sandwich Islands"), ("GT", "Guatemala"), ("GU", "Guam"),
    ("GW", "Guinea-Bissau"), ("GY", "Guyana"), ("HK", "Hong Kong"), ("HM", "Heard Island & McDonald Islands"),
    ("HN", "Honduras"), ("HR", "Croatia"), ("HT", "Haiti"), ("HU", "Hungary"), ("ID", "Indonesia"), ("IE", "Ireland"),
    ("IL", "Israel"), ("IM", "Isle of Man"), ("IN", "India"), ("IO", "British Indian Ocean Territory"),
    ("IQ", "Iraq"), ("IR", "Iran"), ("IS", "Iceland"), ("IT", "Italy"), ("JE", "Jersey"), ("JM", "Jamaica"),
    ("JO", "Jordan"), ("JP", "Japan"), ("KE", "Kenya"), ("KG", "Kyrgyzstan"), ("KH", "Cambodia"), ("KI", "Kiribati"),
    ("KM", "Comoros"), ("KN", "St Kitts & Nevis"), ("KP", "Korea (North)"), ("KR", "Korea (South)"), ("KW", "Kuwait"),
    ("KY", "Cayman Islands"), ("KZ", "Kazakhstan"), ("LA", "Laos"), ("LB", "Lebanon"), ("LC", "St Lucia"),
    ("LI", "Liechtenstein"), ("LK", "Sri Lanka"), ("LR", "Liberia"), ("LS", "Lesotho"), ("LT", "Lithuania"),
    ("LU", "Luxembourg"), ("LV", "Latvia"), ("LY", "Libya"), ("MA", "Morocco"), ("MC", "Monaco"), ("MD", "Moldova"),
    ("ME", "Montenegro"), ("MF", "St Martin (French)"), ("MG", "Madagascar"), ("MH", "Marshall Islands"),
    ("MK", "North Macedonia"), ("ML", "Mali"), ("MM", "Myanmar (Burma)"), ("MN", "Mongolia"), ("MO", "Macau"),
    ("MP", "Northern Mariana Islands"), ("MQ", "Martinique"), ("MR", "Mauritania"), ("MS", "Montserrat"),
    ("MT", "Malta"), ("MU", "Mauritius"), ("MV", "Maldives"), ("MW", "Malawi"), ("MX", "Mexico"), ("MY", "Malaysia"),
    ("MZ", "Mozambique"), ("NA", "Namibia"), ("NC", "New Caledonia"), ("NE", "Niger"), ("NF", "Norfolk Island"),
    ("NG", "Nigeria"), ("NI", "Nicaragua"), ("NL", "Netherlands"), ("NO", "Norway"), ("NP", "Nepal"), ("NR", "Nauru"),
    ("NU", "Niue"), ("NZ", "New Zealand"), ("OM", "Oman"), ("PA", "Panama"), ("PE", "Peru"),
    ("PF", "French Polynesia"), ("PG", "Papua New Guinea"), ("PH", "Philippines"), ("PK", "Pakistan"),
    ("PL", "Poland"), ("PM", "St Pierre & Miquelon"), ("PN", "Pitcairn"), ("PR", "Puerto Rico"), ("PS", "Palestine"),
    ("PT", "Portugal"), ("PW", "Palau"), ("PY", "Paraguay"), ("QA", "Qatar"), ("RE", "Réunion"), ("RO", "Romania"),
    ("RS", "Serbia"), ("RU", "Russia"), ("RW", "Rwanda"), ("SA", "Saudi Arabia"), ("SB", "Solomon Islands"),
    ("SC", "Seychelles"), ("SD", "Sudan"), ("SE", "Sweden"), ("SG", "Singapore"), ("SH", "St Helena"),
    ("SI", "Slovenia"), ("SJ", "Svalbard & Jan Mayen"), ("SK", "Slovakia"), ("SL", "Sierra Leone"),
    ("SM", "San Marino"), ("SN", "Senegal"), ("SO", "Somalia"), ("SR", "Suriname"), ("SS", "South Sudan"),
    ("ST", "Sao Tome & Principe"), ("SV", "El Salvador"), ("SX", "St Maarten (Dutch)"), ("SY", "Syria"),
    ("SZ", "Eswatini (Swaziland)"), ("TC", "Turks & Caicos Is"), ("TD", "Chad"), ("TF", "French S. Terr."),
    ("TG", "Togo"), ("TH", "Thailand"), ("TJ", "Tajikistan"), ("TK", "Tokelau"), ("TL", "East Timor"),
    ("TM", "Turkmenistan"), ("TN", "Tunisia"), ("TO", "Tonga"), ("TR", "Turkey"), ("TT", "Trinidad & Tobago"),
    ("TV", "Tuvalu"), ("TW", "Taiwan"), ("TZ", "Tanzania"), ("UA", "Ukraine"), ("UG", "Uganda"),
    ("UM", "US minor outlying islands"), ("US", "United States"), ("UY", "Uruguay"), ("UZ", "Uzbekistan"),
    ("VA", "Vatican City"), ("VC", "St Vincent"), ("VE", "Venezuela"), ("VG", "Virgin Islands (UK)"),
    ("VI", "Virgin Islands (US)"), ("VN", "Vietnam"), ("VU", "Vanuatu"), ("WF", "Wallis & Futuna"),
    ("WS", "Samoa (western)"), ("YE", "Yemen"), ("YT", "Mayotte"), ("ZA", "South Africa"), ("ZM", "Zambia"),
    ("ZW", "Zimbabwe"),
];

/// Other names, in English and Chinese, that files hold.
#[rustfmt::skip]
const ALIASES: &[(&str, &str)] = &[
    ("CN", "PRC"), ("CN", "Mainland China"), ("CN", "中国"), ("CN", "中华人民共和国"), ("CN", "中国大陆"),
    ("HK", "香港"), ("HK", "中国香港"), ("MO", "澳门"), ("MO", "中国澳门"), ("TW", "台湾"), ("TW", "中国台湾"),
    ("JP", "日本"), ("KR", "韩国"), ("KP", "朝鲜"), ("SG", "新加坡"), ("MY", "马来西亚"), ("IN", "印度"),
    ("ID", "印度尼西亚"), ("ID", "印尼"), ("TH", "泰国"), ("VN", "越南"), ("PH", "菲律宾"), ("MM", "缅甸"),
    ("KH", "柬埔寨"), ("LA", "老挝"), ("PK", "巴基斯坦"), ("BD", "孟加拉国"), ("LK", "斯里兰卡"),
    ("KZ", "哈萨克斯坦"), ("MN", "蒙古"), ("AE", "阿联酋"), ("AE", "阿拉伯联合酋长国"), ("SA", "沙特"),
    ("SA", "沙特阿拉伯"), ("IL", "以色列"), ("TR", "土耳其"), ("IR", "伊朗"), ("IQ", "伊拉克"), ("JO", "约旦"),
    ("QA", "卡塔尔"), ("KW", "科威特"), ("US", "美国"), ("CA", "加拿大"), ("MX", "墨西哥"), ("BR", "巴西"),
    ("AR", "阿根廷"), ("CL", "智利"), ("PE", "秘鲁"), ("CO", "哥伦比亚"), ("PA", "巴拿马"), ("GB", "英国"),
    ("FR", "法国"), ("DE", "德国"), ("IT", "意大利"), ("ES", "西班牙"), ("PT", "葡萄牙"), ("NL", "荷兰"),
    ("BE", "比利时"), ("LU", "卢森堡"), ("CH", "瑞士"), ("AT", "奥地利"), ("PL", "波兰"), ("CZ", "捷克"),
    ("HU", "匈牙利"), ("RO", "罗马尼亚"), ("GR", "希腊"), ("SE", "瑞典"), ("NO", "挪威"), ("DK", "丹麦"),
    ("FI", "芬兰"), ("IE", "爱尔兰"), ("RU", "俄罗斯"), ("UA", "乌克兰"), ("AU", "澳大利亚"), ("NZ", "新西兰"),
    ("ZA", "南非"), ("EG", "埃及"), ("NG", "尼日利亚"), ("KE", "肯尼亚"), ("ET", "埃塞俄比亚"), ("MA", "摩洛哥"),
    ("DZ", "阿尔及利亚"), ("US", "USA"), ("US", "U.S."), ("US", "U.S.A."), ("US", "United States of America"),
    ("GB", "UK"), ("GB", "United Kingdom"), ("GB", "Great Britain"), ("GB", "England"), ("KR", "Korea"),
    ("KR", "South Korea"), ("KR", "Republic of Korea"), ("KP", "North Korea"), ("HK", "Hong Kong SAR"),
    ("MO", "Macau SAR"), ("MO", "Macao"), ("AE", "UAE"), ("CZ", "Czechia"), ("TR", "Türkiye"), ("TR", "Turkiye"),
    ("RU", "Russian Federation"), ("VN", "Viet Nam"), ("NL", "The Netherlands"), ("NL", "Holland"),
    ("CI", "Ivory Coast"), ("CD", "DR Congo"), ("MM", "Burma"), ("BN", "Brunei Darussalam"),
];

/// Whether `code` is an alpha-2 code, in capitals.
pub fn is_code(code: &str) -> bool {
    COUNTRIES.binary_search_by_key(&code, |(known, _)| known).is_ok()
}

/// The code of the country that a file calls `text`: a code or a name, whatever its case.
pub fn find(text: &str) -> Option<&'static str> {
    static NAMED: LazyLock<HashMap<String, &str>> = LazyLock::new(|| {
        // The first of a name is meant.
        let names = COUNTRIES
            .iter()
            .map(|(code, _)| (code, code))
            .chain(COUNTRIES.iter().chain(ALIASES).map(|(code, name)| (code, name)));
        names.rev().map(|(code, name)| (name.to_lowercase(), *code)).collect()
    });
    NAMED.get(&text.trim().to_lowercase()).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_whole() {
        assert_eq!(COUNTRIES.len(), 249);
        assert!(COUNTRIES.is_sorted_by_key(|(code, _)| code), "binary search needs the order");
        for (code, name) in ALIASES {
            assert!(is_code(code), "{name} stands for {code}");
        }
    }

    #[test]
    fn codes_and_names_are_found() {
        for (text, code) in [
            ("CN", Some("CN")),
            ("cn", Some("CN")),
            (" United States ", Some("US")),
            ("germany", Some("DE")),
            ("Korea", Some("KR")),
            ("中国", Some("CN")),
            ("Philipines", None),
            ("深圳", None),
            ("", None),
        ] {
            assert_eq!(find(text), code, "{text:?}");
        }
        assert!(!is_code("cn"));
        assert!(!is_code("UK"), "GB is the code");
    }
}
