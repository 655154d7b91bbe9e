"""The alphabets of the 24 official languages of the Union and of five more, in capitals.

A letter that has no capital of its own, or another one in its language, stands as it is. Latin alphabets list
what they have beyond A to Z, marks of foreign names in daily use among it; combinations that are written with
several letters (CH, SZ, Dutch IJ) have no row of their own.
"""

from __future__ import annotations

from typing import Final

#: Language: the state whose reading of Cyrillic is shown beside the hub's, and the letters.
ALPHABETS: Final = {
    "Bulgarian": ("BG", "А Б В Г Д Е Ж З И Й К Л М Н О П Р С Т У Ф Х Ц Ч Ш Щ Ъ Ь Ю Я"),
    "Croatian": ("", "Č Ć Đ Š Ž Ǆ Ǉ Ǌ"),
    "Czech": ("", "Á Č Ď É Ě Í Ň Ó Ř Š Ť Ú Ů Ý Ž"),
    "Danish": ("", "Æ Ø Å Á É Ó Ü Ä Ö"),
    "Dutch": ("", "Á É Ë Ï Í Ó Ö Ú Ü È Ĳ"),
    "English": ("", "Æ Œ É È Ë Ï Ç"),
    "Estonian": ("", "Š Ž Õ Ä Ö Ü"),
    "Finnish": ("", "Å Ä Ö Š Ž Á Č Đ Ŋ Ŧ"),
    "French": ("", "À Â Æ Ç É È Ê Ë Î Ï Ô Œ Ù Û Ü Ÿ Ñ"),
    "German": ("", "Ä Ö Ü ẞ ß"),
    "Greek": (
        "",
        "Α Β Γ Δ Ε Ζ Η Θ Ι Κ Λ Μ Ν Ξ Ο Π Ρ Σ ς Τ Υ Φ Χ Ψ Ω Ά Έ Ή Ί Ϊ ΐ Ό Ύ Ϋ ΰ Ώ",
    ),
    "Hungarian": ("", "Á É Í Ó Ö Ő Ú Ü Ű"),
    "Irish": ("", "Á É Í Ó Ú Ḃ Ċ Ḋ Ḟ Ġ Ṁ Ṗ Ṡ Ṫ"),
    "Italian": ("", "À È É Ì Î Ò Ó Ù"),
    "Latvian": ("", "Ā Č Ē Ģ Ī Ķ Ļ Ņ Ō Ŗ Š Ū Ž"),
    "Lithuanian": ("", "Ą Č Ę Ė Į Š Ų Ū Ž"),
    "Maltese": ("", "Ċ Ġ Ħ Ż À È Ì Î Ò Ù"),
    "Polish": ("", "Ą Ć Ę Ł Ń Ó Ś Ź Ż"),
    "Portuguese": ("", "Á Â Ã À Ç É Ê Í Ó Ô Õ Ú Ü"),
    "Romanian": ("", "Ă Â Î Ș Ț Ş Ţ"),
    "Slovak": ("", "Á Ä Č Ď É Í Ĺ Ľ Ň Ó Ô Ŕ Š Ť Ú Ý Ž Ǆ Ǳ"),
    "Slovenian": ("", "Č Š Ž Ć Đ Ä Ö Ü"),
    "Spanish": ("", "Á É Í Ñ Ó Ú Ü Ç À È Ï Ò"),
    "Swedish": ("", "Å Ä Ö É À Á Ü"),
    "Norwegian": ("", "Æ Ø Å À É È Ê Ó Ò Ô Ü Á Č Đ Ŋ Š Ŧ Ž"),
    "Icelandic": ("", "Á Ð É Í Ó Ú Ý Þ Æ Ö"),
    "Serbian": ("RS", "А Б В Г Д Ђ Е Ж З И Ј К Л Љ М Н Њ О П Р С Т Ћ У Ф Х Ц Ч Џ Ш"),
    "Ukrainian": ("UA", "А Б В Г Ґ Д Е Є Ж З И І Ї Й К Л М Н О П Р С Т У Ф Х Ц Ч Ш Щ Ь Ю Я ʼ"),
    "Turkish": ("", "Ç Ğ İ ı Ö Ş Ü Â Î Û"),
}
