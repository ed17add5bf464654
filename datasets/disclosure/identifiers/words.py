"""Words of the invented corpus. More than a third of the names are on no list of frequent names."""

FIRST_NAMES = (
    *(
        "Marie",
        "Jean",
        "Sophie",
        "Luc",
        "Camille",
        "Nathalie",
        "Pierre",
        "Inès",
        "Hugo",
        "Jean-Paul",
        "Éloïse",
        "Karim",
    ),
    *("Marie-Claude", "Fatima", "Benoît", "Chloé", "Gaëlle", "Raphaël", "Aïcha", "Mathéo", "Anne-Sophie", "Noémie"),
    *("Maïwenn", "Thècle", "Oïhana", "Peyo", "Bixente", "Guénolé", "Ondine", "Zéphirine", "Anouck", "Eudoxie", "Xan"),
    *("Aldegonde", "Sidoine", "Kerian", "Ysoline", "Tiburce", "Malorie", "Ellande", "Nahia", "Ysée"),
)
FREQUENT_FAMILIES = (
    *(
        "Martin",
        "Dupont",
        "Durand",
        "Lefèvre",
        "Moreau",
        "Garcia",
        "Petit",
        "Roux",
        "Fabre",
        "Blanc",
        "Faure",
        "Girard",
    ),
    *("Da Silva", "Le Goff", "Benali", "Nguyen", "Marty", "Lacoste", "Diallo", "Chevalier"),
)
FAMILY_BEGINNINGS = (
    "Larr",
    "Casta",
    "Etche",
    "Ker",
    "Pouy",
    "Duff",
    "Sarr",
    "Bég",
    "Trém",
    "Loub",
    "Gour",
    "Zab",
    "Mend",
)
FAMILY_MIDDLES = ("ou", "i", "a", "erri", "an", "e", "o")
FAMILY_ENDS = ("gnac", "met", "garay", "bec", "berry", "lade", "nau", "ssède", "zou", "vic", "ssan", "rac", "diou")
STREETS = (
    *("rue des Écoles", "avenue de la Marne", "boulevard Sadi-Carnot", "chemin du Moulin", "impasse des Lilas"),
    *("rue Victor Hugo", "place de la Libération", "allées d’Étigny", "route de Tarbes", "quai des Marronniers"),
    *("cours Gambetta", "rue du 8 mai 1945", "lotissement Les Chênes", "av. Jean Jaurès", "Bd de la République"),
)
HAMLETS = ("Bordeneuve", "Le Pouy", "En Carrère", "Mounicot", "La Grange Haute", "Peyrecave", "Au Village")
TOWNS = (
    *("Auch", "Condom", "Saint-Martin", "Saint-Clar", "Mirande", "L’Isle-Jourdain", "Lectoure", "Sainte-Marie"),
    *("Vic-Fezensac", "Eauze", "Saint-Germé", "Nogaro", "Marciac", "Fleurance", "Gimont", "Samatan", "Masseube"),
    *("Barbotan", "Castéra-Verduzan", "La Romieu", "Jegun", "Riscle", "Seissan", "Simorre", "Lombez", "Cologne"),
)
TITLES = (
    *("Antigone", "Dom Juan", "Le Malade imaginaire", "Cyrano de Bergerac", "Marie Tudor", "Madame Bovary", "Phèdre"),
    *("Paul et Virginie", "Les Trois Sœurs", "La Mouette", "Hamlet", "Le Petit Prince", "Carmen", "Nuit blanche"),
    *("Un air de famille", "12 hommes en colère", "Le Cid", "Les Bonnes", "Mère Courage", "36 quai des Orfèvres"),
)
BODIES = (
    *(
        "Compagnie {full}",
        "Cie {family}",
        "{family} et fils",
        "Association {full}",
        "Ensemble {family}",
        "{family} SARL",
    ),
    *("Théâtre {full}", "Collectif {first}", "Cabinet {family}", "Garage {family}", "Éditions {family}", "SAS {full}"),
)
VENUES = ("Salle {full}", "Espace {full}", "Médiathèque {full}", "Gymnase {family}", "Collège {full}", "Foyer {family}")
COUNTRIES = (
    "+32 2 513 45 67",
    "+34 943 45 67 8",
    "+44 20 7946 095",
    "0041 22 345 67 8",
    "+351 912 345 67",
    "+1 202 555 01",
)
"""Foreign numbers to which one digit is added."""
NETWORKS = ("instagram.com/", "https://www.facebook.com/", "https://x.com/", "https://www.tiktok.com/@")
MONTHS = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]
SPOKEN = {
    "phone": ("Appeler le {} avant midi.", "Joignable au {} le soir", "Rappel demandé ({}) pour les décors"),
    "email": ("Écrire à {} pour la fiche technique.", "Réponse reçue de {} hier", "Contact : {}, urgent"),
    "iban": ("Virement demandé sur {} avant vendredi.", "RIB transmis : {} à vérifier"),
    "nir": ("Numéro de sécurité sociale {} à contrôler", "Dossier intermittent, NIR {}, complet."),
    "siret": ("Facturer à la structure (SIRET {}) en juin", "Licence et SIRET : {} reçus"),
    "siren": ("Société inscrite, SIREN {} au registre", "RCS Auch {} depuis mars"),
    "ip": ("Connexion depuis {} refusée trois fois.", "Adresse IP {} bloquée", "Trafic suspect de {} cette nuit"),
    "plate": ("Véhicule {} stationné devant l’entrée.", "Camion immatriculé {} autorisé au quai"),
    "address": ("Livraison au {} le matin.", "Hébergement : {}, deuxième étage", "Rendez-vous {} à neuf heures"),
    "birth_date": (
        "Stagiaire né le {} à Auch.",
        "Élève née le {}, autorisation reçue",
        "Date de naissance : {}, tarif réduit",
    ),
    "handle": ("Annonce reprise par {} ce matin.", "Suivre {} pour les photos"),
    "coordinates": ("Rendez-vous au point {} près du pont.", "Position GPS : {} (portail vert)"),
}
"""Texts that hold one identifier."""
NAMED = (
    *("{title} {family} a appelé au sujet du contrat.", "Réunion avec {first} {family} sur la tournée."),
    *("Clés remises à {title} {first} {family} hier.", "{first} {family} assure la régie ce soir."),
)
NEUTRAL = (
    *("Version 2.4.1.10 installée sur la régie.", "Commande n° 0612345678 reçue complète", "Concert salle Jean Moulin"),
    *("Le 12/03/2024, représentation à Saint-Martin", "3 cours de danse et 2 places offertes", "Prix Jean Vigo obtenu"),
    *("Voir l’article 12.3.4.5 du règlement", "Facture 73282932000074 réglée en juin", "Montage à 14 h 30, jauge 240"),
    *("Collège Marcel Pagnol : 120 élèves attendus", "Budget de 12 345,67 euros voté", "Né d’une commande de 2019"),
    *("Tarif 12 euros, 8 euros réduit, 24 places", "Dossier 2024-0612-3456 complet", "Cour du château, 22 h"),
    *(
        "Les 12 et 13 mai à Auch, puis Condom",
        "Balance à 18:30:00, lever de rideau 20:45",
        "Format logo@2x.png attendu",
    ),
    *("Durée 1 h 20, dès 8 ans", "Rue barrée du 3 au 5 juin", "Réf. AB-1234-CD épuisée", "Place Jean Jaurès en fête"),
    *("Fréquentation : 1 234 567 entrées", "Concert @ 20h, ouverture 19h", "Coefficient 1.234567 appliqué"),
)
"""Texts that hold none, near as they look."""
