"""Invented holders of driver cards: as many as you need, and the same in every run.

A name joins a beginning and an ending that are usual in a language. If a real person has that name, it is by
chance. Birth dates are between 1950 and 2004. No data comes from a register.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Final

from movehub.names.custom_search import Holder

#: Beginnings and endings of family names, and first names: one row for each language, in its own script.
LANGUAGES: Final = (
    (
        "Ader Bach Brun Dahl Eber Falk Grün Hein Kahl Lind Mör Neu Oster Reh Schön Stein Tann Über Wald Zieg",
        "mann berger hofer städt huber meier feld wald becker ler",
        "Anna Bernd Dörte Ernst Frauke Günter Heike Jörg Käthe Lothar Monika Norbert Petra Rolf Sabine Uwe",
    ),
    (
        "Beau Char Clé Dela Fon Gran Haute La Mar Mont Plan Roche Saint Ter Val Ville",
        "bert champ fontaine mont rand ret rive roux taine vière",
        "Agnès Benoît Chloé Didier Élodie François Gaëlle Hervé Inès Jean-Luc Léa Marcel Noé Odile Rémi Zoé",
    ),
    (
        "Bar Bel Cal Cor Fer Gal Lom Man Mar Mor Pal Pel Ros San Tor Val Ver Zan",
        "bardi celli doni etti ini lini nardo rini sani tieri",
        "Alba Bruno Carla Dario Elisa Fabio Giada Ivo Lucia Marco Nadia Paolo Rita Sandro Tea Ugo",
    ),
    (
        "Bron Chmiel Cze Dąb Grab Jawor Kacz Kowal Lip Łoz Maj Now Olsz Piąt Rad Sob Święt Wilcz Zając Źró",
        "ek icki ińska kowski man owska owicz ski szczak ycki",
        "Agnieszka Bożena Czesław Danuta Elżbieta Grzegorz Halina Jerzy Łukasz Małgorzata Paweł Żaneta",
    ),
    (
        "Ander Berg Björk Eng Ek Fors Gran Hag Kvist Lind Lund Nor Öst Sjö Ström Sund Søder Vest Ås",
        "berg blom borg dahl gren holm kvist lund mark strand",
        "Åke Astrid Bjørn Elin Gösta Håkan Inga Jens Kåre Lena Märta Nils Øyvind Sigrid Tove Ulf",
    ),
    (
        "Balo Csor Far Gál Hegy Ker Kov Lak Mész Nagy Pál Rákó Sző Tak Tóth Var Vörös Zsol",
        "ácsi ai ányi csi ely falvi házi kúti laki vári",
        "Ágnes Béla Csaba Dezső Erzsébet Ferenc Győző Ilona János Katalin László Márta Sándor Zsófia",
    ),
    (
        "Anto Boj Cer Dră Făg Geor Ion Lup Mun Nico Oprea Pop Rus Stan Șerb Țăr Ung Vas",
        "escu eanu aru ache ică oiu onea ovici an uță",
        "Andrei Bogdan Cătălina Doina Elena Florin Gheorghe Ileana Liviu Mihăiță Oana Radu Ștefan Țetu",
    ),
    (
        "Αγγελ Αναστ Βασιλ Γεωργ Δημητρ Ευαγγελ Ζωγραφ Ηλιαδ Θεοδωρ Καραγιανν Λαμπρ Μαυρ Μπακογ Νικολ Χρυσ",
        "άκης ίδης ίου όπουλος άτος έας ούδης ακάκης ιανός ίτης",
        "Αθηνά Βασίλης Γεωργία Δημήτρης Ελένη Ζωή Θεόδωρος Ιωάννα Κώστας Μαρία Νίκος Παύλος Σοφία Χρήστος",
    ),
    (
        "Анге Бор Васи Геор Дими Живк Захар Илие Кола Люб Мари Нико Петк Радо Стоя Тодо Христ Цвет Щър Янк",
        "ов ова ев ева анов ински чев чева баков арова",
        "Ангел Борислава Васил Гергана Димитър Елица Живко Илия Йорданка Людмил Мария Николай Пенка Юлия",
    ),
    (
        "Beņ Bēr Cīru Dzen Grīn Jans Kalē Kļav Liep Ozo Pū Rudz Sīl Šmi Vīto Zar Balč Jank Kazl Petr Žuk",
        "auskas elis iņš ons kalns ītis aitis evičius ītė iene",
        "Aiga Dzintars Elīna Giedrė Ilze Jānis Kęstutis Līga Mārtiņš Ojārs Rūta Šarūnas Uldis Žydrė",
    ),
    (
        "Bab Čer Dvo Hla Hor Jir Kopr Kře Mal Něm Pavl Růž Sed Svo Šim Vla Vod Zele Žiž Đur",
        "áček áková ek ić ović ička ný řák ská vec",
        "Alena Božena Čeněk Dušan Eliška František Hana Jiří Květa Luboš Miloš Ondřej Růžena Šimon Žofie",
    ),
    (
        "Alm Bar Cas Dom Esp Fern Gonz Her Igl Lóp Mart Nav Ort Per Quin Rod Sant Tor Val Zam",
        "ado ales andes ares ez eira ínez inho osa ueira",
        "Ana Begoña Carlos Dolores Estêvão Fátima Gonçalo Inés João Lucía Núria Óscar Paulo Raúl Ximena",
    ),
)

_FIRST_DAY: Final = date(1950, 1, 1)
_DAYS: Final = (date(2005, 1, 1) - _FIRST_DAY).days
#: One in 12 has a double name, with a hyphen or a blank. One in 5 has a second first name.
_DOUBLE: Final = 12
_SECOND: Final = 5


def holders(count: int, seed: int = 2016) -> Iterator[Holder]:
    """Yield invented holders, numbered from 1."""
    random = Random(seed)  # noqa: S311 - invented names, no secrets
    languages = [tuple(tuple(row.split()) for row in language) for language in LANGUAGES]
    for number in range(1, count + 1):
        beginnings, endings, first_names = random.choice(languages)
        family = random.choice(beginnings) + random.choice(endings)
        if not random.randrange(_DOUBLE):
            family += random.choice("- ") + random.choice(beginnings) + random.choice(endings)
        first = random.choice(first_names)
        if not random.randrange(_SECOND):
            first += " " + random.choice(first_names)
        yield Holder(
            number=number,
            family_name=family,
            first_name=first,
            date_of_birth=_FIRST_DAY + timedelta(days=random.randrange(_DAYS)),
            certificate=f"CPC-{number:09d}",
        )
