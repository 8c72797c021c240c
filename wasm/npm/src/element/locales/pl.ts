import type { Texts } from "../texts.js";

const texts: Texts = {
  loading: [
    "Chwileczkę",
    "Link jest sprawdzany.",
  ],
  ready: [
    "Potwierdź swój adres e-mail",
    "Naciśnij przycisk, aby używać tego adresu na swoim koncie. Wcześniej nic się nie zmieni.",
    "Potwierdź adres",
  ],
  "ready-to-undo": [
    "Cofnąć zmianę adresu?",
    "Naciśnij przycisk, aby przywrócić ten adres na swoim koncie. Wcześniej nic się nie zmieni.",
    "Cofnij zmianę",
  ],
  working: [
    "Chwileczkę",
    "Twoja odpowiedź jest wysyłana.",
  ],
  verified: [
    "Adres potwierdzony",
    "Twoje konto używa teraz tego adresu. Możesz zamknąć tę stronę.",
  ],
  "already-verified": [
    "Już potwierdzony",
    "Ten adres został potwierdzony wcześniej. Nie trzeba nic więcej robić, możesz zamknąć tę stronę.",
  ],
  undone: [
    "Zmiana cofnięta",
    "Zmiana adresu została cofnięta. Jeśli to nie Ty o nią prosiłeś lub prosiłaś, zmień teraz hasło.",
  ],
  expired: [
    "Ten link jest za stary",
    "Linki są ważne tylko przez pewien czas. Zaloguj się i poproś o nowy.",
  ],
  altered: [
    "Ten link różni się od wysłanego",
    "Otwórz go jeszcze raz z wiadomości albo skopiuj go w całości. Jeśli to nie pomoże, poproś o nowy.",
  ],
  incomplete: [
    "Brakuje części linku",
    "Otwórz go jeszcze raz z wiadomości albo skopiuj go w całości do paska adresu.",
  ],
  superseded: [
    "Jest nowszy link",
    "Otwórz najnowszą wiadomość albo zaloguj się i poproś o nowy link.",
  ],
  used: [
    "Ten link został już użyty",
    "Działa tylko raz. Aby ponownie zmienić adres, zaloguj się i poproś o nowy link.",
  ],
  cancelled: [
    "Ta zmiana została anulowana",
    "Anulował ją właściciel konta. Jeśli to nie Ty, zaloguj się i poproś o nowy link.",
  ],
  taken: [
    "Ten adres jest zajęty",
    "Używa go inne konto. Zaloguj się na tamto konto albo użyj innego adresu.",
  ],
  refused: [
    "Nie udało się",
    "Strona nie przyjmuje tego linku. Poproś o nowy albo skontaktuj się z witryną.",
  ],
  offline: [
    "Witryna nie odpowiada",
    "Sprawdź połączenie i spróbuj ponownie. Ponowna próba niczemu nie zaszkodzi.",
    "Spróbuj ponownie",
  ],
  unsupported: [
    "Ta strona nie może sprawdzić linku",
    "Otwórz link w innej przeglądarce albo skontaktuj się z witryną.",
  ],
  wait: "Odczekaj najpierw {seconds} s.",
};

export default texts;
