"""An invented person for each official language of the Union, whose name has all letters peculiar to it."""

from __future__ import annotations

from typing import Final, NamedTuple


class Person(NamedTuple):
    """A name, and the letters that it must have: those that make the language hard to carry."""

    letters: str
    family_name: str
    first_name: str


PEOPLE: Final = {
    "Bulgarian": Person("бвгджзийлптфхцчшщъьюя", "Жъглящчовска-Цепьофтева", "Юлшийзбагдхя"),
    "Croatian": Person("čćđšž", "Žđunićevčak", "Šimunka"),
    "Czech": Person("áčďéěíňóřšťúůýž", "Žďárčíkůňová-Řeťětská", "Šúmýrófé"),
    "Danish": Person("æøå", "Ærøskågvang", "Bjørnæs"),
    "Dutch": Person("éëïöü", "Oëstergëïnd van 't Kröbbeënhuis", "Renéë-Lüdo"),
    "English": Person("'-", "O'Thrupplewaite-Smythecombe", "Winnifred"),
    "Estonian": Person("äõöüšž", "Rööbasmõisžäe", "Ülleš"),
    "Finnish": Person("äöå", "Löyttysaarelmäåki", "Päiviö"),
    "French": Person("àâæçéèêëîïôœùûüÿ", "Lebœufrâÿçët-Crümèrûtÿ", "Gaëlæ-Noêïùàîô-Éa"),
    "German": Person("äöüß", "Süßmölchergäß", "Käthe"),
    "Greek": Person("άέήίόύώϊϋΐςξψθω", "Ψαξιδόγγέΐλοϋς", "Θεώνύαϊήίάξω"),
    "Hungarian": Person("áéíóöőúüű", "Szűcsvölgyőűni", "Tünéíródúáné"),
    "Irish": Person("áéíóú", "Ó Dríscólacháin-Mhúgéin", "Caoimhúéá"),
    "Italian": Person("àèéìòù", "D'Arrighettò-Mancusì", "Nicolà Làmbertèùé"),
    "Latvian": Person("āčēģīķļņšūž", "Ķļaviņģēnsžūčs", "Šārlītē"),
    "Lithuanian": Person("ąčęėįšųūž", "Žvirblūąčkšienė", "Kęstųįtė"),
    "Maltese": Person("ċġħżàèìòù", "Żgħażċelòġùx", "Ġiljàmèrì"),
    "Polish": Person("ąćęłńóśźż", "Źdźbłożółcińśka", "Święćisłąwa"),
    "Portuguese": Person("áâãàçéêíóôõú", "Gonçalvêsão-Fôntóúrães", "Estêváâníàãõé"),
    "Romanian": Person("ăâîșț", "Șerbănâțeîscu", "Ionuț"),
    "Slovak": Person("áäčďéíĺľňóôŕšťúýž", "Žďiarľôvčäňŕtý", "Šťefáníĺkóúé"),
    "Slovenian": Person("čšž", "Žličaršek", "Tinkaž"),
    "Spanish": Person("áéíñóúü", "Ibáñezúrría Argüellín", "Íñigómé"),
    "Swedish": Person("åäöé", "Åkerlindhäög", "Göranné"),
}
